import { setMaxListeners } from "node:events";
import type { Express } from "express";

/** Aborted when the listener begins to close: calls that hold their answer back (`?wait=`) give it at once, so that a stop does not wait for them. */
export function closing(app: Express): AbortController {
  app.locals["closing"] ??= manyListen();
  return app.locals["closing"] as AbortController;
}

/** Every open stream listens, and every call that is held back: many are no leak. */
function manyListen(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
