import type { Send } from "./wire.ts";

/** Incus answers at once, or with an operation; only a wait takes longer, and says so. */
const REQUEST_TIMEOUT_MS = 20_000;

/** Gives up on a request that takes too long, or at once when the caller's signal is aborted; then its reason is thrown, as it is. */
export function limitTime(next: Send): Send {
  return async (request) => {
    const caller = request.signal;
    caller?.throwIfAborted();
    const timeoutMs = request.timeoutMs ?? REQUEST_TIMEOUT_MS;
    const controller = new AbortController();
    const onAbort = () => controller.abort(caller?.reason);
    const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    caller?.addEventListener("abort", onAbort, { once: true });
    try {
      return await next({ ...request, signal: controller.signal });
    } catch (error) {
      caller?.throwIfAborted();
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    }
  };
}
