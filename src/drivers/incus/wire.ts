/** The parts of Incus' REST API that the driver reads and writes. Field names are the wire's. */

export interface IncusRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Encoded, without query. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON; at most one of `body` and `content`. */
  body?: unknown;
  /** Sent as it is: the content of a file. */
  content?: string;
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
  /** Version of the object that was answered; null where the server gives none. */
  etag?: string | null;
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
  created_at?: string;
}

export interface WireInstancePost {
  name: string;
  type: "container";
  source: { type: "image"; fingerprint: string };
  profiles: string[];
  config: Record<string, string>;
  devices: Record<string, Record<string, string>>;
}

/** What is named replaces what is there: a key of the configuration, a whole device. */
export interface WireInstancePatch {
  config: Record<string, string>;
  devices?: Record<string, Record<string, string>>;
}

export interface WireInstanceRebuildPost {
  source: { type: "image"; fingerprint: string };
}

export interface WireInstanceStatePut {
  action: "start" | "stop";
  /** Whole seconds a guest gets to shut down. */
  timeout: number;
  force: boolean;
}

/** A custom volume. */
export interface WireVolume {
  name: string;
  config: Record<string, string>;
  created_at?: string;
}

export interface WireVolumePost {
  name: string;
  content_type: "filesystem";
  description: string;
  config: Record<string, string>;
}

export interface WireImage {
  fingerprint: string;
  properties: Record<string, string> | null;
  uploaded_at: string;
}

/** What the files API answers, its headers included. */
export interface WireFile {
  type: string;
  /** Permission bits in octal digits: `0600`. */
  mode: string;
  uid: string;
  gid: string;
  /** Of a symbolic link: where it leads. */
  content: string;
}

export interface WireNetworkPut {
  description: string;
  config: Record<string, string>;
}

export interface WireNetwork extends WireNetworkPut {
  type: string;
  managed: boolean;
}

/** A rule of a network ACL. Left-out fields match everything. */
export interface WireAclRule {
  action: string;
  source?: string;
  destination?: string;
  protocol?: string;
  destination_port?: string;
  description?: string;
  state: string;
}

export interface WireAcl {
  name: string;
  description: string;
  config: Record<string, string>;
  ingress: WireAclRule[];
  egress: WireAclRule[];
}

export function isEnvelope(value: unknown): value is IncusEnvelope {
  if (typeof value !== "object" || value === null) return false;
  const { type } = value as { type?: unknown };
  return type === "sync" || type === "async" || type === "error";
}
