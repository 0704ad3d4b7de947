import type { Response } from "express";
import type { DomainError, ErrorDetail } from "../domain/domain-error.ts";
import { ERROR_CODES, type ErrorCode } from "../domain/error-codes.ts";
import type { Reply } from "./reply.ts";
import { requestState } from "./request-state.ts";
import { rfc3339 } from "./views/timestamp.ts";

/** Where the error codes are explained: docs/errors.md, published. */
export const DOCS_BASE_URL = "https://docs.cloudnexus.com";

interface Failure {
  status: "error";
  error: { code: ErrorCode; message: string; details: ErrorDetail[]; docs_url: string };
  meta: { request_id: string; timestamp: string };
}

export function sendSuccess(response: Response, reply: Reply): void {
  const meta = requestMeta(response);
  if (reply.headers) response.setHeaders(new Map(Object.entries(reply.headers)));
  if (reply.file) {
    send(response, reply.status, reply.file.contentType, reply.file.text);
    return;
  }
  sendJson(response, reply.status, {
    status: "success",
    data: reply.data,
    meta: reply.pagination ? { ...meta, pagination: reply.pagination } : meta,
  });
}

export function failure(response: Response, error: DomainError, docsBaseUrl: string): Failure {
  return {
    status: "error",
    error: {
      code: error.code,
      message: error.publicText,
      details: error.details,
      docs_url: `${docsBaseUrl}/errors#${error.code}`,
    },
    meta: requestMeta(response),
  };
}

/** The headers that HTTP asks for with a code: when to come back, how to authenticate. */
export function setFailureHeaders(response: Response, code: ErrorCode): void {
  const retryAfter = RETRY_AFTER_SECONDS[code] ?? (ERROR_CODES[code].httpStatus === 503 ? 10 : null);
  if (retryAfter !== null) response.setHeader("Retry-After", String(retryAfter));
  if (code === "unauthorized") response.setHeader("WWW-Authenticate", "Bearer");
}

/** How soon a repetition has a chance: a twin request ends in a moment, capacity takes somebody's delete. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = {
  request_in_progress: 1,
  service_unavailable: 5,
  no_capacity: 60,
};

/** Written without `response.json`, which works out type, charset and freshness anew for every answer: here they are always the same. */
export function sendJson(response: Response, status: number, body: unknown): void {
  send(response, status, "application/json; charset=utf-8", JSON.stringify(body));
}

function send(response: Response, status: number, contentType: string, text: string): void {
  response.statusCode = status;
  response.setHeader("Content-Type", contentType);
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}

function requestMeta(response: Response): { request_id: string; timestamp: string } {
  return { request_id: requestState(response).requestId, timestamp: rfc3339(new Date()) };
}
