import type { Pool } from "undici";
import { type IncusAnswer, type IncusEnvelope, isEnvelope, type Send } from "./wire.ts";

/** The innermost link: one request, one answer, whatever it says. Throws only if no whole answer came. */
export function sendOver(pool: Pool): Send {
  return async (request) => {
    const query = new URLSearchParams(request.query).toString();
    const response = await pool.request({
      method: request.method,
      path: query ? `${request.path}?${query}` : request.path,
      headers: { accept: "application/json", ...(request.body ? { "content-type": "application/json" } : {}) },
      body: request.body ? JSON.stringify(request.body) : null,
      signal: request.signal,
    });
    return toAnswer(response.statusCode, await response.body.text());
  };
}

function toAnswer(status: number, text: string): IncusAnswer {
  const envelope = parsed(text);
  if (envelope) return { status, envelope };
  // A proxy in between answers in its own words; the status still tells what happened.
  if (status >= 400) return { status, envelope: { type: "error", error: text.slice(0, 200), error_code: status } };
  throw new Error(`the answer with status ${status} broke off or is not from Incus`);
}

function parsed(text: string): IncusEnvelope | null {
  try {
    const value: unknown = JSON.parse(text);
    return isEnvelope(value) ? value : null;
  } catch {
    return null;
  }
}
