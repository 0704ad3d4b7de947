import type { ErrorRequestHandler } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import { ERROR_CODES, type ErrorCode } from "../../domain/error-codes.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { sendFailure } from "../envelope.ts";
import { requestState } from "../request-state.ts";

/** Turns whatever was thrown into the error envelope. Only the public side of a `DomainError` gets out; everything else is an `internal_error`. */
export function errors(options: { logger: Logger; publicUrl: string }): ErrorRequestHandler {
  return (thrown: unknown, _request, response, _next) => {
    const error = toDomainError(thrown);
    const state = requestState(response);
    const { httpStatus } = ERROR_CODES[error.code];
    state.errorCode = error.code;
    // A client that has gone makes waiting calls fail: there is nobody to answer and nothing to repair.
    if (response.destroyed) return;
    if (httpStatus >= 500) logFailure(options.logger, state.requestId, error);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendFailure(response, error, options.publicUrl);
  };
}

/** A bug is an error, an outage or a lack of capacity a warning. The cause chain goes along, the request does not. */
function logFailure(logger: Logger, requestId: string, error: DomainError): void {
  const line = { request_id: requestId, error_code: error.code, err: error.cause ?? error };
  if (ERROR_CODES[error.code].httpStatus === 500) logger.error(line, "request failed");
  else logger.warn(line, "request failed");
}

function toDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  // A path that can't be percent-decoded names nothing.
  if (thrown instanceof URIError) return new DomainError("not_found");
  const code = BODY_ERRORS[bodyErrorType(thrown)];
  // Without its cause: the body parser's errors carry the whole body.
  if (code !== undefined) return new DomainError(code);
  return new DomainError("internal_error", {
    publicText: "Something went wrong on our end. Quote meta.request_id when you report it.",
    cause: thrown,
  });
}

/** The types of the errors of Express's body parser. */
const BODY_ERRORS: Record<string, ErrorCode> = {
  "entity.parse.failed": "malformed_json",
  "entity.too.large": "payload_too_large",
  "charset.unsupported": "unsupported_media_type",
  "request.aborted": "malformed_json",
  "request.size.invalid": "malformed_json",
};

function bodyErrorType(thrown: unknown): string {
  return thrown instanceof Error && "type" in thrown ? String(thrown.type) : "";
}
