import { setMaxListeners } from "node:events";

const controller = new AbortController();
setMaxListeners(0, controller.signal);

/** Aborted when the run is to end: programs under way are ended, servers that are starting give up, nothing new begins. */
export const interruption: AbortSignal = controller.signal;

export class InterruptedError extends Error {
  constructor() {
    super("interrupted");
    this.name = "InterruptedError";
  }
}

export function interrupt(): void {
  controller.abort(new InterruptedError());
}

/** Resolves when the run is to end. */
export async function untilInterrupted(): Promise<void> {
  if (interruption.aborted) return;
  await new Promise<void>((resolve) => interruption.addEventListener("abort", () => resolve(), { once: true }));
}
