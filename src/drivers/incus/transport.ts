import type { Pool } from "undici";
import { classifyErrors } from "./error-handler.ts";
import { logRequests, type RequestLog } from "./log-handler.ts";
import { sendOver } from "./send-handler.ts";
import { limitTime } from "./timeout-handler.ts";
import type { IncusRequest, WireOperation } from "./wire.ts";

/** Requests within one project, with their errors classified. */
export interface Transport {
  /** The metadata of a synchronous answer. */
  read<T>(path: string, options?: ReadOptions): Promise<T>;
  /** The same, with the version that a later write can insist on. */
  readVersioned<T>(path: string, options?: ReadOptions): Promise<Versioned<T>>;
  /** Changes something at once. `ifMatch` is the version that must still be the present one. */
  write(request: WriteRequest): Promise<void>;
  /** Starts work on the server; the id of its operation. */
  begin(request: Pick<IncusRequest, "method" | "path" | "body" | "signal">): Promise<string>;
}

export interface Versioned<T> {
  value: T;
  etag: string | null;
}

interface WriteRequest extends Omit<IncusRequest, "method"> {
  method: "POST" | "PUT" | "PATCH" | "DELETE";
  ifMatch?: string | null;
}

interface ReadOptions {
  query?: Record<string, string>;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** From the inside out: send, give up in time, log what went over the wire, classify what went wrong. */
export function createTransport(pool: Pool, project: string, log: RequestLog): Transport {
  const send = classifyErrors(logRequests(log)(limitTime(sendOver(pool))));
  const get = (path: string, { query, ...options }: ReadOptions = {}) =>
    send({ method: "GET", path, query: { project, ...query }, ...options });
  return {
    async read<T>(path: string, options?: ReadOptions) {
      return (await get(path, options)).envelope.metadata as T;
    },
    async readVersioned<T>(path: string, options?: ReadOptions): Promise<Versioned<T>> {
      const { envelope, etag } = await get(path, options);
      return { value: envelope.metadata as T, etag: etag ?? null };
    },
    async write({ ifMatch, ...request }) {
      const headers = { ...request.headers, ...(ifMatch ? { "if-match": ifMatch } : {}) };
      await send({ ...request, query: { project, ...request.query }, headers });
    },
    async begin(request) {
      const { envelope } = await send({ ...request, query: { project } });
      return (envelope.metadata as WireOperation).id;
    },
  };
}

/** A path of the API from its segments, each encoded: aliases have slashes. */
export function apiPath(...segments: string[]): string {
  return ["/1.0", ...segments.map(encodeURIComponent)].join("/");
}
