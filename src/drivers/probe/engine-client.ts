import type { EngineTarget } from "../compute.ts";

/** A conversation with an engine: connect over verified TLS, log in as the user, ask something, close. */
export interface EngineClient {
  /** Leaves no socket behind, however it ends; MongoDB's client may need 2 s for that. An abort ends it. */
  query(target: EngineTarget, signal: AbortSignal): Promise<void>;
  /** Whether the engine is up and will say the same next time. Refused certificates are looked after elsewhere. */
  isRefusal(error: unknown): boolean;
}

/** The `code` of an error of a library; empty where it has none. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" || typeof code === "number" ? String(code) : "";
}

/** Runs `work`; an abort calls `cut`, which has to end it. */
export async function cutBy(signal: AbortSignal, cut: () => void, work: () => Promise<void>): Promise<void> {
  signal.throwIfAborted();
  signal.addEventListener("abort", cut, { once: true });
  try {
    await work();
  } finally {
    signal.removeEventListener("abort", cut);
  }
}
