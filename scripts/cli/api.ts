import { randomUUID } from "node:crypto";

/** Where the API is, and with which key. */
interface Access {
  url: string;
  apiKey: string | undefined;
  signal: AbortSignal | undefined;
}

export interface ApiRequest {
  method: string;
  /** With the query string. */
  path: string;
  body?: object;
  /** Names a change, so that it can be repeated. */
  idempotencyKey?: string;
}

/** What the API answers. */
export interface Answer<Data> {
  data: Data;
  /** Of a list; 0 where there is none. */
  total: number;
  /** As it came. */
  whole: object;
}

interface Envelope<Data> {
  data: Data;
  meta?: { request_id?: string; pagination?: { total: number } };
  error?: { code: string; message: string; details?: { field: string; issue: string }[] } | null;
}

/** The API has refused; its answer in one line, and as it came. */
export class Refusal extends Error {
  readonly answer: object;

  constructor(status: number, answer: Envelope<unknown>) {
    const { error, meta } = answer;
    const details = (error?.details ?? []).map(({ field, issue }) => `; ${field} ${issue}`).join("");
    const request = meta?.request_id === undefined ? "" : ` (${meta.request_id})`;
    super(`${error?.code ?? status}: ${error?.message ?? ""}${details}${request}`);
    this.answer = answer;
  }
}

/** Nothing answers, or it is not the API. */
export class Unreachable extends Error {}

/** Asks the API. Throws `Refusal` and `Unreachable`. */
export class Api {
  private readonly access: Access;

  constructor(access: Access) {
    this.access = access;
  }

  /** An answer in the API's envelope. */
  async call<Data>(request: ApiRequest): Promise<Answer<Data>> {
    return this.answer(await this.send(request));
  }

  async answer<Data>(response: Response): Promise<Answer<Data>> {
    const whole = await this.read<Data>(response);
    return { data: whole.data, total: whole.meta?.pagination?.total ?? 0, whole };
  }

  /** An answer of any kind; what is refused is thrown. */
  async send({ method, path, body, idempotencyKey = randomUUID() }: ApiRequest): Promise<Response> {
    const { url, apiKey, signal } = this.access;
    const headers = {
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      ...(method !== "GET" && { "idempotency-key": idempotencyKey }),
      ...(body && { "content-type": "application/json" }),
    };
    let response: Response;
    try {
      const payload = body === undefined ? null : JSON.stringify(body);
      response = await fetch(`${url}${path}`, { method, headers, body: payload, ...(signal && { signal }) });
    } catch (error) {
      throw new Unreachable(`${url} does not answer: ${causeOf(error)}; CLOUDNEXUS_URL says where the API is`);
    }
    if (!response.ok) throw new Refusal(response.status, await this.read(response));
    return response;
  }

  private async read<Data>(response: Response): Promise<Envelope<Data>> {
    const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
    if (!isJson) throw new Unreachable(`what answers at ${this.access.url} with ${response.status} is not the API`);
    try {
      return (await response.json()) as Envelope<Data>;
    } catch (error) {
      throw new Unreachable(`the answer of ${this.access.url} was cut off: ${causeOf(error)}`);
    }
  }
}

/** What `fetch` hides behind "fetch failed". */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : cause.name);
}
