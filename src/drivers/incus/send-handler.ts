import type { IncomingHttpHeaders } from "node:http";
import type { Pool } from "undici";
import {
  type IncusAnswer,
  type IncusEnvelope,
  type IncusRequest,
  isEnvelope,
  type Send,
  type WireFile,
} from "./wire.ts";

/** The innermost link: one request, one answer, whatever it says. Throws only if no whole answer came. */
export function sendOver(pool: Pool): Send {
  return async (request) => {
    const query = new URLSearchParams(request.query).toString();
    const response = await pool.request({
      method: request.method,
      path: query ? `${request.path}?${query}` : request.path,
      headers: { accept: "application/json", ...contentType(request), ...request.headers },
      body: request.content ?? (request.body ? JSON.stringify(request.body) : null),
      signal: request.signal,
    });
    return toAnswer(response.statusCode, response.headers, await response.body.text());
  };
}

function contentType(request: IncusRequest): Record<string, string> {
  if (request.content !== undefined) return { "content-type": "application/octet-stream" };
  return request.body ? { "content-type": "application/json" } : {};
}

function toAnswer(status: number, headers: IncomingHttpHeaders, text: string): IncusAnswer {
  const file = fileOf(headers, text);
  const envelope: IncusEnvelope | null = file ? { type: "sync", metadata: file } : parsed(text);
  if (envelope) return { status, envelope, etag: headers.etag ?? null };
  // A proxy in between answers in its own words; the status still tells what happened.
  if (status >= 400) return { status, envelope: { type: "error", error: text.slice(0, 200), error_code: status } };
  throw new Error(`the answer with status ${status} broke off or is not from Incus`);
}

/** Files come without an envelope, and one that holds JSON must not be taken for one. A folder's list does have one. */
function fileOf(headers: IncomingHttpHeaders, content: string): WireFile | null {
  const header = (name: string) => String(headers[`x-incus-${name}`] ?? "");
  const type = header("type");
  if (type === "" || type === "directory") return null;
  return { type, mode: header("mode"), uid: header("uid"), gid: header("gid"), content };
}

function parsed(text: string): IncusEnvelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return isEnvelope(value) ? value : null;
  } catch {
    return null;
  }
}
