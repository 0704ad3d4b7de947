import type { EngineName, EngineTarget } from "../compute.ts";
import type { EngineClient } from "./engine-client.ts";
import { isCertificateRefusal } from "./engine-tls.ts";
import type { EngineAnswer } from "./wait-for-engine.ts";

/** Loaded when they are first needed: together they take as long as the rest of a worker, which has to be back soon after a crash. */
const CLIENTS: Record<EngineName, () => Promise<EngineClient>> = {
  postgresql: async () => (await import("./postgresql.ts")).POSTGRESQL,
  mysql: async () => (await import("./mysql.ts")).MYSQL,
  redis: async () => (await import("./redis.ts")).REDIS,
  mongodb: async () => (await import("./mongodb.ts")).MONGODB,
};
/** An engine that has not answered by then is not going to: a packet filter swallows, or it is not up yet. */
const ATTEMPT_MS = 5_000;

/** One attempt with the client that customers use. */
export async function queryEngine(target: EngineTarget, signal: AbortSignal): Promise<EngineAnswer> {
  const client = await CLIENTS[target.engine]();
  const limit = new AbortController();
  const onAbort = () => limit.abort(signal.reason);
  const timer = setTimeout(() => limit.abort(new Error("no answer in time")), ATTEMPT_MS);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await client.query(target, limit.signal);
    return { outcome: "answered" };
  } catch (error) {
    const isFinal = isCertificateRefusal(error) || client.isRefusal(error);
    return {
      outcome: isFinal ? "refused" : "unreachable",
      reason: reasonOf(limit.signal.aborted ? limit.signal.reason : error),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Libraries put hosts, users and codes into their messages, no passwords. */
function reasonOf(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message || first.name : String(first);
}
