import { createHash } from "node:crypto";
import type { Request } from "express";
import type { ErrorDetail } from "../../domain/domain-error.ts";
import { LIMITS } from "../../domain/limits.ts";

const HEADER = "idempotency-key";
const VISIBLE_ASCII = new RegExp(`^[\\x21-\\x7e]{1,${LIMITS.idempotencyKeyMaxLength}}$`);

/** The Idempotency-Key of a request, null without one, or what is wrong with it. */
export function readIdempotencyKey(request: Request): string | null | ErrorDetail {
  const key = request.headers[HEADER];
  if (key === undefined) return null;
  if (typeof key === "string" && VISIBLE_ASCII.test(key)) return key;
  return {
    field: "header Idempotency-Key",
    issue: `must be 1-${LIMITS.idempotencyKeyMaxLength} visible ASCII characters without spaces`,
  };
}

/** SHA-256, hex, of the body as canonical JSON: the order of keys and white space make no difference. */
export function hashBody(body: unknown): string {
  return createHash("sha256").update(canonicalJson(body)).digest("hex");
}

/** Only for bodies that passed their schema, which bounds how deep they are nested. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
