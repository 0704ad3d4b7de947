import type { OperationDetails, WaitContext } from "../../src/drivers/compute.ts";

export interface RecordedWait extends WaitContext {
  /** Ids of the operations that a successor could follow, in order. */
  followed: string[];
}

/** A wait that remembers its heartbeats. */
export function recordedWait(options: { resumeFrom?: OperationDetails; signal?: AbortSignal } = {}): RecordedWait {
  const followed: string[] = [];
  return {
    followed,
    heartbeat(details) {
      if (details && followed.at(-1) !== details.operationId) followed.push(details.operationId);
    },
    resumeFrom: options.resumeFrom,
    signal: options.signal ?? new AbortController().signal,
  };
}
