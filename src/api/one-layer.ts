import type { RequestHandler } from "express";

/**
 * Handlers that every request goes through, as one layer: the router's look at a layer costs more than what these do. Each of them is synchronous and calls `next` once,
 * without an error.
 */
export function oneLayer(...handlers: RequestHandler[]): RequestHandler {
  const nothing = () => undefined;
  return (request, response, next) => {
    for (const handler of handlers) void handler(request, response, nothing);
    next();
  };
}
