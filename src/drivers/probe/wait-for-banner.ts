import { setTimeout as delay } from "node:timers/promises";
import { ComputeError, type ProbeWait } from "../compute.ts";

/** A server is up within seconds, so the first seconds are watched closely; one that takes longer is not hurried by it. */
const FAST_PAUSE_MS = 30;
const SLOW_PAUSE_MS = 500;
const FAST_FOR_MS = 20_000;

/** Tries until `greet` returns an SSH banner. Everything else, whatever its reason, means: not yet. */
export async function waitForBanner(
  ipv4: string,
  wait: ProbeWait,
  greet: (attempt: number, signal: AbortSignal) => Promise<string | null>,
): Promise<void> {
  const { timeoutMs, signal } = wait;
  const startedMs = performance.now();
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    wait.onAttempt(attempt);
    const banner = await greet(attempt, signal);
    signal.throwIfAborted();
    if (banner?.startsWith("SSH-")) return;
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= timeoutMs) throw bootTimeout(ipv4, timeoutMs, banner);
    const pauseMs = elapsedMs < FAST_FOR_MS ? FAST_PAUSE_MS : SLOW_PAUSE_MS;
    // An abort ends the pause; its reason is thrown at the head of the loop.
    await delay(Math.min(pauseMs, timeoutMs - elapsedMs), undefined, { signal }).catch(() => undefined);
  }
}

/** Not transient: a guest that is not up by then needs another boot, or somebody to look at it. */
function bootTimeout(ipv4: string, timeoutMs: number, banner: string | null): ComputeError {
  const heard = banner === null ? "nothing answers" : "something else answers";
  const text = `${heard} on ${ipv4}:22 after ${timeoutMs / 1_000} s; look at the console with \`incus console --show-log\``;
  return new ComputeError("boot_timeout", text, { transient: false });
}
