import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { DomainError } from "../domain/domain-error.ts";
import { ERROR_CODES, type ErrorCode } from "../domain/error-codes.ts";
import { newId } from "../domain/ids.ts";
import { failureEnvelope } from "./envelope.ts";
import { rfc3339 } from "./views/timestamp.ts";

/** What a connection that is refused before there is a request gets to read, by the code of its refusal. */
export type RefusalBody = (code: ErrorCode) => string;

/** A request on its way through a connection. */
export interface UnderWay {
  request: IncomingMessage;
  response: ServerResponse;
}

/** The error envelope, under a request id of its own. */
export function refusalEnvelope(publicUrl: string): RefusalBody {
  return (code) => {
    const meta = { request_id: newId("request"), timestamp: rfc3339(new Date()) };
    return JSON.stringify(failureEnvelope(new DomainError(code), publicUrl, meta));
  };
}

/**
 * The end of a connection whose bytes are no request: no HTTP, too large headers, or too slow. Node tells it here instead of answering by itself. An answer that
 * has begun is never written into; one that a complete request still waits for goes out first.
 */
export function refuseConnection(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  underWay: UnderWay | undefined,
  bodyOf: RefusalBody,
): void {
  const code = refusalCode(error);
  if (code === null || !socket.writable || underWay?.response.headersSent) {
    socket.destroy(error);
    return;
  }
  if (underWay?.request.complete) {
    underWay.response.setHeader("Connection", "close");
    return;
  }
  const { httpStatus } = ERROR_CODES[code];
  const body = bodyOf(code);
  const response = underWay?.response;
  // For the log: this is the answer that the request gets.
  if (response) response.statusCode = httpStatus;
  const lines = [
    `HTTP/1.1 ${httpStatus} ${REASONS[httpStatus] ?? ""}`,
    "Connection: close",
    "Cache-Control: no-store",
    ...(body === "" ? [] : ["Content-Type: application/json; charset=utf-8"]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => {
    response?.destroy();
    socket.destroy();
  });
}

const REASONS: Record<number, string> = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Payload Too Large",
  431: "Request Header Fields Too Large",
};

/** Null: the client has gone, there is nobody to answer. */
function refusalCode({ code = "" }: NodeJS.ErrnoException): ErrorCode | null {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "request_timeout";
  if (code === "HPE_HEADER_OVERFLOW") return "headers_too_large";
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return "payload_too_large";
  return code.startsWith("HPE_") && code !== "HPE_INVALID_EOF_STATE" ? "malformed_request" : null;
}
