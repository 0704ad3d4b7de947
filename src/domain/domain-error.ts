import { type ErrorCode, publicMessage } from "./error-codes.ts";

/** One wrong field of a request. `field` is a path as in the body: `ssh_keys[1]`, or `header Idempotency-Key`. */
export interface ErrorDetail {
  field: string;
  issue: string;
}

/**
 * An expected failure with a code of the catalogue. `message` is internal (logs, operators); customers get `publicText`, which is the
 * code's sentence unless the thrower has a better one that gives nothing away.
 */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly publicText: string;
  readonly details: ErrorDetail[];

  constructor(
    code: ErrorCode,
    options: { internal?: string; publicText?: string; details?: ErrorDetail[]; cause?: unknown } = {},
  ) {
    super(options.internal ?? options.publicText ?? publicMessage(code), { cause: options.cause });
    this.name = "DomainError";
    this.code = code;
    this.publicText = options.publicText ?? publicMessage(code);
    this.details = options.details ?? [];
  }
}
