import type { RequestHandler, Response } from "express";
import type { HttpMetrics } from "../../telemetry/http-metrics.ts";
import { requestState } from "../request-state.ts";

/** Counts every request once it is answered or its client has gone; a stream, once it has begun (`streaming`): how long somebody listens is no time that a request took. */
export function requestMetrics(metrics: HttpMetrics): RequestHandler {
  function count(this: Response): void {
    this.off("close", count).off("streaming", count);
    const { route, errorCode, startedAt } = requestState(this);
    const seconds = (performance.now() - startedAt) / 1000;
    metrics.end({ method: this.req.method, route, status: this.statusCode, seconds, errorCode });
  }
  return (_request, response, next) => {
    metrics.begin();
    response.on("close", count).on("streaming", count);
    next();
  };
}
