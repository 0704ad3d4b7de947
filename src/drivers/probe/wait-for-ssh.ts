import type { ProbeWait } from "../compute.ts";
import { tryUntilUp } from "./try-until-up.ts";

const PAUSE_MS = 30;

/** Tries until `greet` returns an SSH banner. Everything else, whatever its reason, means: not yet. */
export async function waitForSsh(
  ipv4: string,
  wait: ProbeWait,
  greet: (attempt: number, signal: AbortSignal) => Promise<string | null>,
): Promise<void> {
  await tryUntilUp(`${ipv4}:22`, wait, PAUSE_MS, async (attempt, signal) => {
    const banner = await greet(attempt, signal);
    if (banner === null) return "nothing answers";
    return banner.startsWith("SSH-") ? null : "something else answers";
  });
}
