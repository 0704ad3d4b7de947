/**
 * The one vocabulary of failure. A code is born where something goes wrong (a driver, the store, a service), travels unchanged through
 * activity, row and HTTP body, and is documented in docs/errors.md.
 */
export const ERROR_CODES = {
  // What a request can be refused with.
  validation_failed: { httpStatus: 400, retryable: false, message: "The request has invalid parameters." },
  malformed_request: { httpStatus: 400, retryable: false, message: "This is not valid HTTP." },
  malformed_json: { httpStatus: 400, retryable: false, message: "The request body is not valid JSON." },
  unauthorized: { httpStatus: 401, retryable: false, message: "The API key is missing or not valid." },
  forbidden: { httpStatus: 403, retryable: false, message: "The API key lacks the permission for this action." },
  account_suspended: { httpStatus: 403, retryable: false, message: "The account is suspended." },
  quota_exceeded: { httpStatus: 403, retryable: false, message: "The account's quota is not enough for this." },
  not_found: { httpStatus: 404, retryable: false, message: "The requested resource does not exist." },
  method_not_allowed: { httpStatus: 405, retryable: false, message: "This path does not support this method." },
  request_timeout: { httpStatus: 408, retryable: true, message: "The request did not arrive in time." },
  name_taken: { httpStatus: 409, retryable: false, message: "Another resource of this account has this name." },
  ssh_key_exists: { httpStatus: 409, retryable: false, message: "This account already has this public key." },
  last_owner_key: {
    httpStatus: 409,
    retryable: false,
    message: "The account would be left without a key that has full access and does not expire.",
  },
  idempotency_key_reused: {
    httpStatus: 409,
    retryable: false,
    message: "This Idempotency-Key was used for a different request.",
  },
  request_in_progress: {
    httpStatus: 409,
    retryable: true,
    message: "A request with this Idempotency-Key is still being processed.",
  },
  invalid_status: { httpStatus: 409, retryable: false, message: "The resource's status does not allow this action." },
  not_cancellable: { httpStatus: 409, retryable: false, message: "This action can't be cancelled." },
  resource_busy: { httpStatus: 409, retryable: true, message: "Another action is running on this resource." },
  payload_too_large: { httpStatus: 413, retryable: false, message: "The request body is too large." },
  unsupported_media_type: {
    httpStatus: 415,
    retryable: false,
    message: "The request body must be sent as application/json.",
  },
  rate_limit_exceeded: { httpStatus: 429, retryable: true, message: "Rate limit exceeded. Back off and retry." },
  too_many_streams: { httpStatus: 429, retryable: true, message: "The account has too many streams open." },
  headers_too_large: { httpStatus: 431, retryable: false, message: "The request's headers are too large." },
  internal_error: { httpStatus: 500, retryable: true, message: "Something went wrong on our end." },
  no_capacity: { httpStatus: 503, retryable: true, message: "The region has no free capacity for this request." },
  overloaded: { httpStatus: 503, retryable: true, message: "The API is asked for more than it can do at the moment." },
  service_unavailable: { httpStatus: 503, retryable: true, message: "The service is temporarily unavailable." },

  // What a provision can end with. They reach customers on the resource and its action.
  image_unavailable: {
    httpStatus: 400,
    retryable: true,
    message: "The region does not have this image at the moment.",
  },
  ssh_key_unavailable: { httpStatus: 400, retryable: false, message: "An SSH key was deleted before it was attached." },
  address_in_use: {
    httpStatus: 409,
    retryable: true,
    message: "The address is already in use on the region's network.",
  },
  instance_conflict: {
    httpStatus: 409,
    retryable: false,
    message: "The region has a foreign object under this resource's name.",
  },
  instance_rejected: { httpStatus: 400, retryable: false, message: "The region refused the instance's configuration." },
  storage_full: { httpStatus: 503, retryable: true, message: "The region has no storage left for this resource." },
  boot_timeout: { httpStatus: 503, retryable: true, message: "The resource did not become reachable in time." },
  engine_setup_failed: { httpStatus: 500, retryable: true, message: "The database engine could not be configured." },
  engine_refused: {
    httpStatus: 500,
    retryable: true,
    message: "The database engine refused the control plane's own check.",
  },
  infrastructure_unavailable: {
    httpStatus: 503,
    retryable: true,
    message: "The region does not answer at the moment.",
  },
  infrastructure_unauthorized: {
    httpStatus: 500,
    retryable: true,
    message: "The region refused the control plane's credentials.",
  },
  infrastructure_error: { httpStatus: 500, retryable: true, message: "The region reported an unexpected error." },
  instance_missing: {
    httpStatus: 409,
    retryable: false,
    message: "The resource's instance was removed outside of CloudNexus.",
  },
  deadline_exceeded: {
    httpStatus: 503,
    retryable: true,
    message: "The action did not end in the time that it may take.",
  },
  resource_deleted: { httpStatus: 409, retryable: false, message: "The resource was deleted meanwhile." },
  cancelled: { httpStatus: 409, retryable: true, message: "The action was cancelled." },
} as const satisfies Record<string, { httpStatus: number; retryable: boolean; message: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Codes of an action that was stopped, in its middle or before its first step: it ends `cancelled`, not `failed`. */
export const STOPPED_CODES: ReadonlySet<string> = new Set<ErrorCode>(["cancelled", "resource_deleted"]);

/** Codes with which an action fails for something that operators have to mend: an alarm is raised at the first of them (deploy/alerts.yml). */
export const OPERATORS_CODES = [
  "internal_error",
  "no_capacity",
  "image_unavailable",
  "address_in_use",
  "instance_conflict",
  "instance_rejected",
  "storage_full",
  "boot_timeout",
  "engine_setup_failed",
  "engine_refused",
  "infrastructure_unavailable",
  "infrastructure_unauthorized",
  "infrastructure_error",
  "deadline_exceeded",
] as const satisfies readonly ErrorCode[];

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value);
}

/** The public sentence of a code. Internal detail never goes here. */
export function publicMessage(code: ErrorCode): string {
  return ERROR_CODES[code].message;
}
