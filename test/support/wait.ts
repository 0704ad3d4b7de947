import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;
/** Generous, since a busy machine is no failure. */
const PATIENCE_MS = 120_000;

/** For `vi.waitUntil`, whose own patience is a second. */
export const PATIENT = { timeout: PATIENCE_MS, interval: POLL_MS };

/** Waits for a condition, and fails with its name when it does not come true in time. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = PATIENCE_MS,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await delay(POLL_MS);
  }
}
