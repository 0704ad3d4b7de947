import { setTimeout as delay } from "node:timers/promises";
import { ComputeError, type ProbeWait } from "../compute.ts";

/** What a probe asks is up within seconds, so the first seconds are watched closely; one that takes longer is not hurried by it. */
const SLOW_PAUSE_MS = 500;
const FAST_FOR_MS = 20_000;

/**
 * Tries until `attempt` returns null. Whatever else it returns says why not yet, and is told when the time is over. The time between attempts is `pauseMs` at
 * first.
 */
export async function tryUntilUp(
  place: string,
  wait: ProbeWait,
  pauseMs: number,
  attempt: (attempt: number, signal: AbortSignal) => Promise<string | null>,
): Promise<void> {
  const { timeoutMs, signal } = wait;
  const startedMs = performance.now();
  let why: string | null = null;
  for (let count = 1; ; count++) {
    signal.throwIfAborted();
    wait.onAttempt(count, why);
    why = await attempt(count, signal);
    signal.throwIfAborted();
    if (why === null) return;
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= timeoutMs) throw bootTimeout(place, timeoutMs, why);
    const nextMs = elapsedMs < FAST_FOR_MS ? pauseMs : SLOW_PAUSE_MS;
    // An abort ends the pause; its reason is thrown at the head of the loop.
    await delay(Math.min(nextMs, timeoutMs - elapsedMs), undefined, { signal }).catch(() => undefined);
  }
}

/** Not transient: a guest that is not up by then needs another boot, or somebody to look at it. */
function bootTimeout(place: string, timeoutMs: number, why: string): ComputeError {
  const text = `${why} on ${place} after ${timeoutMs / 1_000} s; look at the console with \`incus console --show-log\``;
  return new ComputeError("boot_timeout", text, { transient: false });
}
