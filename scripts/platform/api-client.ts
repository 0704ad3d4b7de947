import { setTimeout as delay } from "node:timers/promises";
import { interruption } from "./interruption.ts";

/** An answer that says no, in one line. */
class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

export interface ServerJson {
  id: string;
  name: string;
  status: string;
  region: string;
  ipv4: string | null;
  action_id: string;
  ssh_keys: string[];
  error: { code: string; message: string } | null;
}

export interface ActionJson {
  status: string;
  steps: { name: string; status: string }[];
}

interface Envelope<T> {
  data: T;
  error?: { code: string; message: string; details?: { field: string; issue: string }[] };
}

const TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** The public API as any customer uses it. */
export class ApiClient {
  readonly #address: string;
  readonly #key: string;

  constructor(address: string, key: string) {
    this.#address = address;
    this.#key = key;
  }

  async call<T>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), interruption]),
    });
    const answer = (await response.json()) as Envelope<T>;
    if (response.ok) return answer.data;
    const details = (answer.error?.details ?? []).map(({ field, issue }) => `${field} ${issue}`).join(", ");
    const text = `${method} ${path} answered ${response.status} ${answer.error?.code}: ${answer.error?.message}`;
    throw new ApiError(response.status, details ? `${text} (${details})` : text);
  }

  /** Undefined once the resource is gone. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.call<T>("GET", path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Asks until `isDone` says so, at most `timeoutMs`; it is given undefined once the resource is gone. */
  async poll<T>(path: string, isDone: (found: T | undefined) => boolean, timeoutMs: number): Promise<T | undefined> {
    const deadlineMs = Date.now() + timeoutMs;
    for (;;) {
      const found = await this.find<T>(path);
      if (isDone(found)) return found;
      if (Date.now() > deadlineMs) throw new Error(`${path} did not change within ${timeoutMs / 1000} s`);
      await delay(POLL_MS, undefined, { signal: interruption });
    }
  }
}
