import type { Send } from "./wire.ts";

/** One request as it went over the wire. Bodies are left out: they hold keys and user data. */
export interface RequestLogEntry {
  method: string;
  path: string;
  /** HTTP status that counts; null if no whole answer came. */
  status: number | null;
  durationMs: number;
}

export type RequestLog = (entry: RequestLogEntry) => void;

export function logRequests(log: RequestLog): (next: Send) => Send {
  return (next) => async (request) => {
    const startedMs = performance.now();
    let status: number | null = null;
    try {
      const answer = await next(request);
      status = answer.envelope.error_code || answer.status;
      return answer;
    } finally {
      const durationMs = Math.round((performance.now() - startedMs) * 10) / 10;
      log({ method: request.method, path: request.path, status, durationMs });
    }
  };
}
