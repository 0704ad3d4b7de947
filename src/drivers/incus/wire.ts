/** The parts of Incus' REST API that the driver reads and writes. Field names are the wire's. */

export interface IncusRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Encoded, without query. */
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** What every answer is wrapped in. */
export interface IncusEnvelope {
  type: "sync" | "async" | "error";
  metadata?: unknown;
  error?: string;
  /** An HTTP status. It counts, not the status line: a wait sends `200` before it knows how it ends. */
  error_code?: number;
}

export interface IncusAnswer {
  status: number;
  envelope: IncusEnvelope;
}

/** One link of the transport: takes a request, answers or throws. */
export type Send = (request: IncusRequest) => Promise<IncusAnswer>;

export const OPERATION_STATUS = { success: 200, failure: 400, cancelled: 401 } as const;

export interface WireOperation {
  id: string;
  /** 1xx while it runs, else one of OPERATION_STATUS. */
  status_code: number;
  err?: string;
  /** URLs by kind: `{"instances": ["/1.0/instances/cn-abc?project=p"]}`. */
  resources?: Record<string, string[]> | null;
}

export interface WireInstance {
  name: string;
  status: string;
  config: Record<string, string>;
  devices: Record<string, Record<string, string>>;
}

export interface WireInstancePost {
  name: string;
  type: "container";
  source: { type: "image"; fingerprint: string };
  profiles: string[];
  config: Record<string, string>;
  devices: Record<string, Record<string, string>>;
}

export interface WireInstanceStatePut {
  action: "start" | "stop";
  /** Whole seconds a guest gets to shut down. */
  timeout: number;
  force: boolean;
}

export function isEnvelope(value: unknown): value is IncusEnvelope {
  if (typeof value !== "object" || value === null) return false;
  const { type } = value as { type?: unknown };
  return type === "sync" || type === "async" || type === "error";
}
