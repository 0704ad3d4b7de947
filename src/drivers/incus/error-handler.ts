import { IncusError } from "./error-table.ts";
import type { Send } from "./wire.ts";

/** Turns every way to fail into an `IncusError`: no answer, and answers that are errors. What the caller's signal was aborted with passes as it is. */
export function classifyErrors(next: Send): Send {
  return async (request) => {
    const during = `${request.method} ${request.path}`;
    const answer = await next(request).catch((error: unknown) => {
      request.signal?.throwIfAborted();
      throw new IncusError(during, { source: "socket", status: null, ...socketFault(error) }, error);
    });
    const { status, envelope } = answer;
    if (envelope.type !== "error") return answer;
    throw new IncusError(during, {
      source: "answer",
      status: envelope.error_code ?? status,
      text: envelope.error || `HTTP status ${status}`,
    });
  };
}

function socketFault(error: unknown): { text: string; socketCode?: string | undefined } {
  // With two addresses for a name, the failures of both are wrapped in one without a text.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return { text: String(first) };
  const { code } = first as NodeJS.ErrnoException;
  return { text: first.message || code || first.name, socketCode: code };
}
