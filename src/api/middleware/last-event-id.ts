import type { Request } from "express";
import type { ErrorDetail } from "../../domain/domain-error.ts";
import { eventPosition } from "../../domain/event.ts";

const HEADER = "last-event-id";

/** The Last-Event-ID of a request, null without one, or what is wrong with it. Empty is what a client sends that has none yet. */
export function readLastEventId(request: Request): string | null | ErrorDetail {
  const id = request.headers[HEADER];
  if (id === undefined || id === "") return null;
  if (typeof id === "string" && eventPosition(id)) return id;
  return { field: "header Last-Event-ID", issue: "must be an `id` that the stream gave" };
}
