import { Context } from "@temporalio/activity";

const HEARTBEAT_INTERVAL_MS = 1_000;

/** Shows that the activity is alive while `work` goes on. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
  }
}
