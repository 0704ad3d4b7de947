import type { Response } from "express";
import type { DomainError, ErrorDetail } from "../domain/domain-error.ts";
import { ERROR_CODES, type ErrorCode } from "../domain/error-codes.ts";
import type { Reply } from "./answer.ts";
import { requestState } from "./request-state.ts";
import { rfc3339 } from "./views/timestamp.ts";

const JSON_TYPE = "application/json; charset=utf-8";

interface Failure {
  status: "error";
  error: { code: ErrorCode; message: string; details: ErrorDetail[]; docs_url: string };
  meta: { request_id: string; timestamp: string };
}

/** Sends what a handler gave back: in the envelope, or as it is where it has a content type of its own. */
export function sendReply(response: Response, reply: Reply, contentType?: string): void {
  for (const name in reply.headers) response.setHeader(name, reply.headers[name] ?? "");
  if (contentType !== undefined) {
    send(response, reply.status, contentType, reply.data as string);
    return;
  }
  const meta = JSON.stringify({ ...requestMeta(response), pagination: reply.pagination });
  const before = '{"status":"success","data":';
  const after = `,"meta":${meta}}`;
  if (reply.json === undefined) sendJson(response, reply.status, before + JSON.stringify(reply.data) + after);
  else sendAround(response, reply.status, before, reply.json, after);
}

/** Sends the error envelope, with the headers that HTTP asks for with its code. `data`: what there is all the same. */
export function sendFailure(response: Response, error: DomainError, publicUrl: string, data?: unknown): void {
  const { httpStatus } = ERROR_CODES[error.code];
  requestState(response).errorCode = error.code;
  setFailureHeaders(response, error.code);
  const failure = failureEnvelope(error, publicUrl, requestMeta(response));
  sendJson(response, httpStatus, JSON.stringify(data === undefined ? failure : { ...failure, data }));
}

export function failureEnvelope(error: DomainError, publicUrl: string, meta: Failure["meta"]): Failure {
  const { code, publicText: message, details } = error;
  return { status: "error", error: { code, message, details, docs_url: errorDocsUrl(publicUrl, code) }, meta };
}

/** Where a code is explained: its section of the reference page. */
export function errorDocsUrl(publicUrl: string, code: ErrorCode): string {
  return `${publicUrl}/docs/errors/${code}`;
}

/** When to come back, how to authenticate. */
function setFailureHeaders(response: Response, code: ErrorCode): void {
  const retryAfter = RETRY_AFTER_SECONDS[code] ?? (ERROR_CODES[code].httpStatus === 503 ? 10 : null);
  // A rate limit knows better, and has said so.
  if (retryAfter !== null && !response.hasHeader("Retry-After")) response.setHeader("Retry-After", String(retryAfter));
  if (code === "unauthorized") response.setHeader("WWW-Authenticate", "Bearer");
}

/** How soon a repetition has a chance: a twin request ends in a moment, capacity takes somebody's delete. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = {
  request_in_progress: 1,
  overloaded: 1,
  rate_limit_exceeded: 60,
  too_many_streams: 10,
  service_unavailable: 5,
  no_capacity: 60,
};

/** Written without `response.json`, which works out type, charset and freshness anew for every answer: here they are always the same. */
function sendJson(response: Response, status: number, text: string): void {
  send(response, status, JSON_TYPE, text);
}

function send(response: Response, status: number, contentType: string, text: string): void {
  startSending(response, status, contentType, Buffer.byteLength(text));
  response.end(text);
}

/** Sends `json` as it is: a long answer that many are given is not copied and encoded for each of them. */
function sendAround(response: Response, status: number, before: string, json: Buffer, after: string): void {
  startSending(response, status, JSON_TYPE, Buffer.byteLength(before) + json.length + Buffer.byteLength(after));
  response.cork();
  response.write(before);
  response.write(json);
  response.end(after);
}

function startSending(response: Response, status: number, contentType: string, length: number): void {
  response.statusCode = status;
  response.setHeader("Content-Type", contentType);
  response.setHeader("Content-Length", length);
}

function requestMeta(response: Response): Failure["meta"] {
  return { request_id: requestState(response).requestId, timestamp: rfc3339(new Date()) };
}
