import type { RequestHandler, Response } from "express";
import type { Logger } from "../../telemetry/logger.ts";
import { requestState } from "../request-state.ts";

/** One line a request, once it is answered or its client has gone. It never holds a body, a header or a query: they may carry secrets. */
export function requestLog(logger: Logger): RequestHandler {
  function log(this: Response): void {
    const { requestId, route, principal, errorCode, startedAt, isStream } = requestState(this);
    const line = {
      request_id: requestId,
      method: this.req.method,
      route: route ?? "unmatched",
      status: this.statusCode,
      duration_ms: Math.round((performance.now() - startedAt) * 100) / 100,
      account_id: principal?.accountId,
      error_code: errorCode ?? undefined,
      // The answer did not get out whole: the status is what it would have been. Of a stream there is no whole.
      aborted: this.writableFinished || isStream ? undefined : true,
    };
    if (this.statusCode >= 500) logger.warn(line, "request");
    else logger.info(line, "request");
  }
  return (_request, response, next) => {
    response.on("close", log);
    next();
  };
}
