import type { Express } from "express";

/** Aborted when the listener begins to close: calls that hold their answer back (`?wait=`) give it at once, so that a stop does not wait for them. */
export function closing(app: Express): AbortController {
  app.locals["closing"] ??= new AbortController();
  return app.locals["closing"] as AbortController;
}
