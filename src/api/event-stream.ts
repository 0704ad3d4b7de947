import type { Response } from "express";
import type { Reply } from "./answer.ts";
import { requestState } from "./request-state.ts";

/** A client that takes nothing for so long is cut off: it can come back for the rest. */
const STALLED_AFTER_MS = 60_000;

/**
 * Sends the pieces as they come, the next one only once the client has room for it, until there are no more or the signal tells to stop. What then is still on its way to a slow
 * client is cut off: a stop can't wait for it, and who comes back by its last event misses nothing.
 */
export async function sendStream(response: Response, reply: Reply, signal: AbortSignal): Promise<void> {
  response.statusCode = reply.status;
  response.setHeader("Content-Type", "text/event-stream; charset=utf-8");
  response.setHeader("X-Accel-Buffering", "no");
  response.flushHeaders();
  requestState(response).isStream = true;
  response.emit("streaming");
  if (response.req.method !== "HEAD") await write(response, reply.data as AsyncIterable<string>, signal);
  if (response.writableNeedDrain) response.destroy();
  else response.end();
}

async function write(response: Response, pieces: AsyncIterable<string>, signal: AbortSignal): Promise<void> {
  for await (const piece of pieces) {
    if (signal.aborted) return;
    if (!response.write(piece) && !(await hasDrained(response, signal))) return;
  }
}

function hasDrained(response: Response, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (drained: boolean) => {
      clearTimeout(timeout);
      response.off("drain", onDrain);
      signal.removeEventListener("abort", onAbort);
      resolve(drained);
    };
    const onDrain = () => settle(true);
    const onAbort = () => settle(false);
    const timeout = setTimeout(onAbort, STALLED_AFTER_MS);
    response.once("drain", onDrain);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
