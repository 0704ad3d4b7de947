import { waitUntil } from "./wait.ts";

export interface Answer {
  status: number;
  headers: Headers;
  body: {
    status: "success" | "error";
    // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests look at
    data: any;
    error: { code: string; message: string; details: { field: string; issue: string }[]; docs_url: string };
    // biome-ignore lint/suspicious/noExplicitAny: as above
    meta: any;
  };
}

/** The API as a customer's program calls it. */
export class ApiClient {
  readonly address: string;
  private readonly key: string;

  constructor(address: string, key: string) {
    this.address = address;
    this.key = key;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.address + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? null : JSON.parse(text)) as Answer["body"],
    };
  }

  get(path: string): Promise<Answer> {
    return this.call("GET", path);
  }

  async createServer(name: string, change: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call("POST", "/v1/servers", { name, plan: "starter", region: "us-east-1", ...change }, headers);
  }

  deleteServer(id: string): Promise<Answer> {
    return this.call("DELETE", `/v1/servers/${id}`);
  }

  /** Waits until the action has ended and returns it. */
  async actionEnd(id: string, timeoutMs = 60_000): Promise<Answer["body"]["data"]> {
    let action: Answer["body"]["data"];
    await waitUntil(
      `action ${id} has ended`,
      async () => {
        action = (await this.get(`/v1/actions/${id}`)).body.data;
        return action.status !== "running";
      },
      timeoutMs,
    );
    return action;
  }
}
