import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What Incus answers with `{type: "error"}`, or what ends an operation as a failure. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** How a fault bends the operation that a request starts: it fails without an effect, or runs but is forgotten at once. */
export type OperationFault = { kind: "fail"; message: string } | { kind: "lose" };

export interface ApiRequest {
  method: string;
  /** As sent, without the query. */
  path: string;
  /** Decoded values of the route's placeholders, in order. */
  params: string[];
  query: URLSearchParams;
  project: string;
  headers: IncomingHttpHeaders;
  body: string;
  operationFault: OperationFault | null;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

export interface Operation {
  id: string;
  project: string;
  description: string;
  instance: string;
  createdAt: string;
  status: "Running" | "Success" | "Failure";
  error: ApiError | null;
  /** Resolves when the operation has ended, however it ended. */
  ended: Promise<void>;
}

/**
 * `late` is Incus's way of waiting: the status line 200 leaves at once and the body follows, an error included.
 */
export type Reply =
  | { kind: "sync"; metadata: unknown; etag?: string; location?: string }
  | { kind: "async"; operation: Operation }
  | { kind: "error"; error: ApiError }
  | { kind: "file"; content: string; headers: Record<string, string> }
  | { kind: "late"; body: Promise<unknown> };

type Handler = (request: ApiRequest) => Reply;

export interface Route {
  method: string;
  /** Path with `*` for one segment and a final `**` for the rest. */
  pattern: string;
  handler: Handler;
  startsOperation?: true;
}

export const sync = (metadata: unknown, extra: { etag?: string; location?: string } = {}): Reply => ({
  kind: "sync",
  metadata,
  ...extra,
});

export const empty = (): Reply => sync({});

export function syncEnvelope(metadata: unknown): Record<string, unknown> {
  return { type: "sync", status: "Success", status_code: 200, operation: "", error_code: 0, error: "", metadata };
}

export function errorEnvelope(error: ApiError): Record<string, unknown> {
  return {
    type: "error",
    status: "",
    status_code: 0,
    operation: "",
    error_code: error.status,
    error: error.message,
    metadata: null,
  };
}

export function etagOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

export function checkIfMatch(request: ApiRequest, etag: string): void {
  const match = request.headers["if-match"]?.replaceAll('"', "");
  if (match !== undefined && match !== "" && match !== etag) {
    throw new ApiError(412, `ETag doesn't match: ${etag} vs ${match}`);
  }
}

/** Names the project in a resource's URL, as Incus does: the default one is left out. */
export function resourceUrl(path: string, project: string): string {
  return project === "default" ? path : `${path}?project=${encodeURIComponent(project)}`;
}

export function recursionOf(request: ApiRequest): number {
  const depth = Number.parseInt(request.query.get("recursion") ?? "0", 10);
  return Number.isNaN(depth) ? 0 : depth;
}
