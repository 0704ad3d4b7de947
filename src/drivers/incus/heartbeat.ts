import type { OperationDetails, WaitContext } from "../compute.ts";

/** Well within the 2 s that the port promises. */
const HEARTBEAT_EVERY_MS = 1_500;

/** Where a piece of work shows that it is alive, and what a successor would have to follow. */
export interface Pulse {
  signal: AbortSignal;
  /** Operation that a lost attempt was following. */
  resumeFrom: OperationDetails | undefined;
  /** Whether a change is still to be made. */
  isWanted(): Promise<boolean>;
  /** Reports the operation at once, and with each beat from now on. */
  follow(operationId: string): void;
}

/** Runs `work` with a beat at a steady pace, also where it has no operation to show: while it queues, or an answer takes long. */
export async function withHeartbeat<T>(wait: WaitContext, work: (pulse: Pulse) => Promise<T>): Promise<T> {
  wait.signal.throwIfAborted();
  let details = wait.resumeFrom;
  const timer = setInterval(() => (details ? wait.heartbeat(details) : wait.heartbeat()), HEARTBEAT_EVERY_MS);
  try {
    return await work({
      signal: wait.signal,
      resumeFrom: wait.resumeFrom,
      isWanted: wait.isWanted ?? (() => Promise.resolve(true)),
      follow(operationId) {
        details = { operationId };
        wait.heartbeat(details);
      },
    });
  } finally {
    clearInterval(timer);
  }
}
