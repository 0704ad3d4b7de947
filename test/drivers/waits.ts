import type { OperationDetails, WaitContext } from "../../src/drivers/compute.ts";

export interface RecordedWait extends WaitContext {
  /** Ids of the operations that a successor could follow, in order. */
  followed: string[];
}

interface RecordedWaitOptions {
  resumeFrom?: OperationDetails;
  signal?: AbortSignal;
  isWanted?: () => Promise<boolean>;
}

/** A wait that remembers its heartbeats. */
export function recordedWait(options: RecordedWaitOptions = {}): RecordedWait {
  const followed: string[] = [];
  return {
    followed,
    heartbeat(details) {
      if (details && followed.at(-1) !== details.operationId) followed.push(details.operationId);
    },
    resumeFrom: options.resumeFrom,
    signal: options.signal ?? new AbortController().signal,
    ...(options.isWanted && { isWanted: options.isWanted }),
  };
}

/** The wait of an attempt whose action has ended meanwhile. */
export function unwantedWait(): RecordedWait {
  return recordedWait({ isWanted: () => Promise.resolve(false) });
}
