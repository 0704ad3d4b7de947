import type { RequestHandler } from "express";
import type { Logger } from "../telemetry/logger.ts";

const ROUTES = ["/encode", "/decode", "/"];

/** One line a request. Never a payload, a header, a query or a path that is not ours. */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const line = { method: request.method, route: ROUTES.includes(request.path) ? request.path : "unmatched" };
    response.on("close", () => {
      const durationMs = Math.round((performance.now() - startedAt) * 100) / 100;
      logger.info({ ...line, status: response.statusCode, duration_ms: durationMs }, "request");
    });
    next();
  };
}
