import { setTimeout as sleep } from "node:timers/promises";

/** How long things take, in milliseconds. */
export interface Speed {
  createMs: number;
  startMs: number;
  /** From started to answering on port 22. */
  bootMs: number;
  /** A graceful stop; a forced one takes no time. */
  shutdownMs: number;
  deleteMs: number;
  /** What the agent in a guest takes for a request. */
  agentMs: number;
}

export const speeds: Readonly<Record<string, Speed>> = {
  sandbox: { createMs: 300, startMs: 200, bootMs: 1_000, shutdownMs: 300, deleteMs: 150, agentMs: 800 },
  instant: { createMs: 0, startMs: 0, bootMs: 0, shutdownMs: 0, deleteMs: 0, agentMs: 0 },
};

export async function pass(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms);
}
