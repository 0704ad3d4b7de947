import { contractFetch } from "./contract/contract-fetch.ts";
import { waitUntil } from "./wait.ts";

export interface Failure {
  code: string;
  message: string;
  step: string;
}

/** What servers, actions and keys show, as far as tests look at it. */
export interface Data {
  id: string;
  name: string;
  status: string;
  ipv4: string;
  endpoint?: { host: string; port: number };
  regions: string[];
  action_id: string;
  steps: { name: string; status: string; attempt: number }[];
  error: Failure | null;
}

export interface Credentials {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string | null;
  uri: string;
  ca_certificate: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: {
    status: "success" | "error";
    data: Data;
    error: { code: string; message: string; details: { field: string; issue: string }[]; docs_url: string };
    meta: { request_id: string; pagination: { total: number } };
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
    const response = await contractFetch(this.address + path, {
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

  async createDatabase(name: string, change: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const body = { name, engine: "postgresql", plan: "standard", region: "us-east-1", ...change };
    return this.call("POST", "/v1/databases", body, headers);
  }

  actOnServer(id: string, type: string, change: object = {}): Promise<Answer> {
    return this.call("POST", `/v1/servers/${id}/actions`, { type, ...change });
  }

  actOnDatabase(id: string, type: string): Promise<Answer> {
    return this.call("POST", `/v1/databases/${id}/actions`, { type });
  }

  deleteDatabase(id: string): Promise<Answer> {
    return this.call("DELETE", `/v1/databases/${id}`);
  }

  async credentials(id: string): Promise<Credentials> {
    return (await this.get(`/v1/databases/${id}/credentials`)).body.data as unknown as Credentials;
  }

  async list(path: string): Promise<Data[]> {
    return (await this.get(path)).body.data as unknown as Data[];
  }

  deleteServer(id: string): Promise<Answer> {
    return this.call("DELETE", `/v1/servers/${id}`);
  }

  /** Waits until the action has ended and returns it. */
  async actionEnd(id: string, timeoutMs = 120_000): Promise<Data> {
    let action: Data | undefined;
    await waitUntil(
      `action ${id} has ended`,
      async () => {
        const { status, body } = await this.get(`/v1/actions/${id}`);
        if (status !== 200) throw new Error(`action ${id}: ${status} ${JSON.stringify(body)}`);
        action = body.data;
        return action.status !== "running";
      },
      timeoutMs,
    );
    if (!action) throw new Error("unreachable");
    return action;
  }
}
