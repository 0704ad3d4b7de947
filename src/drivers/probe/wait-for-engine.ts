import { ComputeError, type EngineTarget, type ProbeWait } from "../compute.ts";
import { tryUntilUp } from "./try-until-up.ts";

/** A login on a busy engine takes a moment, and each failed one is work for it. */
const PAUSE_MS = 250;

/** What came of one attempt: `unreachable` may be an engine on its way up, `refused` is its last word. */
export type EngineAnswer = { outcome: "answered" } | { outcome: "unreachable" | "refused"; reason: string };

/** Asks until the engine answers or refuses. */
export async function waitForEngine(
  target: EngineTarget,
  wait: ProbeWait,
  ask: (signal: AbortSignal) => Promise<EngineAnswer>,
): Promise<void> {
  const place = `${target.host}:${target.port}`;
  await tryUntilUp(place, wait, PAUSE_MS, async (_attempt, signal) => {
    const answer = await ask(signal);
    // What an aborted attempt ends with is nobody's word.
    if (answer.outcome === "refused" && !signal.aborted) throw refused(target, place, answer.reason);
    return answer.outcome === "answered" ? null : answer.reason;
  });
}

/** Not transient: asking again changes neither the password nor the certificate. */
function refused(target: EngineTarget, place: string, reason: string): ComputeError {
  const text = `${target.engine} on ${place} refused ${target.user}: ${reason}`;
  return new ComputeError("engine_refused", text, { transient: false });
}
