import { ERROR_CODES, type ErrorCode } from "../../domain/error-codes.ts";
import { LIMITS } from "../../domain/limits.ts";
import { costOf, type Endpoint } from "../endpoint.ts";
import { needsPlace } from "../middleware/admission.ts";

/** A way in which a call can be refused. */
export interface Refusal {
  code: ErrorCode;
  status: number;
  when: string;
  /** Whether it is the same wherever it occurs. */
  isCommon: boolean;
}

/** Every refusal of an endpoint: its own, and what follows from how the pipeline handles a call of its kind. By status. */
export function refusalsOf(endpoint: Endpoint): Refusal[] {
  const own = Object.entries(endpoint.errors ?? {}) as [ErrorCode, string][];
  return [
    ...commonCodes(endpoint).map((code) => refusal(code, COMMON[code], true)),
    ...own.map(([code, when]) => refusal(code, when, false)),
  ].sort((a, b) => a.status - b.status);
}

function refusal(code: ErrorCode, when: string, isCommon: boolean): Refusal {
  return { code, status: ERROR_CODES[code].httpStatus, when, isCommon };
}

const COMMON = {
  validation_failed: "Something in the request is wrong; `details` lists every field at once.",
  malformed_json: "The body is not JSON, not UTF-8, or ended early.",
  unauthorized: "The API key is missing, mistyped, expired or revoked.",
  forbidden: "The API key lacks the scope that the message names.",
  account_suspended: "The operator of the installation has suspended your account.",
  not_found: "Your account has nothing of this id, or has it no more.",
  idempotency_key_reused: `The Idempotency-Key was used for another request within ${LIMITS.idempotencyKeyTtlDays} days.`,
  request_in_progress: "The first request with this Idempotency-Key is still being processed.",
  payload_too_large: `The body is larger than ${LIMITS.requestBodyMaxBytes / 1024} KiB.`,
  unsupported_media_type: "The body is not sent as `application/json` in UTF-8, or is compressed.",
  overloaded: "More is asked of the API at once than it can do in time. Nothing of the request was done.",
  rate_limit_exceeded:
    "The API key has no points left, or your address sent too many requests without a valid one. `Retry-After` says how long to wait.",
  internal_error: "A fault of ours; quote `meta.request_id` when you report it.",
  service_unavailable:
    "The database does not answer at the moment. An effect may have happened all the same: repeat the request with its Idempotency-Key.",
} as const satisfies Partial<Record<ErrorCode, string>>;

function commonCodes(endpoint: Endpoint): (keyof typeof COMMON)[] {
  const { scopes, method, id, body } = endpoint;
  if (scopes === null) return [...(costOf(endpoint) > 0 ? (["rate_limit_exceeded"] as const) : []), "internal_error"];
  const isEffect = method !== "get";
  return [
    "validation_failed",
    ...(body ? (["malformed_json", "payload_too_large", "unsupported_media_type"] as const) : []),
    "unauthorized",
    ...(scopes === "any" ? [] : (["forbidden"] as const)),
    "account_suspended",
    // A repetition whose outcome was deleted since names nothing.
    ...(id !== undefined || isEffect ? (["not_found"] as const) : []),
    ...(isEffect ? (["idempotency_key_reused", "request_in_progress"] as const) : []),
    ...(needsPlace(method) ? (["overloaded"] as const) : []),
    "rate_limit_exceeded",
    "internal_error",
    "service_unavailable",
  ];
}
