import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

/** Waits for a condition, and fails with its name when it does not come true in time: generous, since a busy machine is no failure. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
    await delay(POLL_MS);
  }
}
