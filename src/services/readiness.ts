import type { Dependencies } from "./dependencies.ts";
import type { Services } from "./services.ts";

const CHECK_TIMEOUT_MS = 2_000;

/** Whether what the API needs to accept and carry out requests answers. Callers at once share one look: anybody may ask. */
export function createReadiness(dependencies: Dependencies): Services["readiness"] {
  let look: ReturnType<Services["readiness"]> | null = null;
  return () => {
    look ??= lookAround(dependencies).finally(() => {
      look = null;
    });
    return look;
  };
}

async function lookAround({ store, health }: Dependencies): ReturnType<Services["readiness"]> {
  const [database, temporal, worker] = await Promise.all([
    check(store.ping(), "the database does not answer"),
    check(health.checkTemporal(), "Temporal does not answer"),
    check(
      health.hasWorkflowPollers().then((polling) => {
        if (!polling) throw new Error("no worker");
      }),
      "no worker is polling",
    ),
  ]);
  return { database, temporal, worker };
}

async function check(answer: Promise<void>, issue: string): Promise<{ ready: boolean; message: string | null }> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timeout")), CHECK_TIMEOUT_MS);
  });
  try {
    await Promise.race([answer, timeout]);
    return { ready: true, message: null };
  } catch {
    return { ready: false, message: issue };
  } finally {
    clearTimeout(timer);
  }
}
