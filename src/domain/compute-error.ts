export type ComputeErrorCode =
  | "image_unavailable"
  | "address_in_use"
  | "instance_conflict"
  | "instance_rejected"
  | "storage_full"
  | "no_capacity"
  | "boot_timeout"
  | "engine_refused"
  | "infrastructure_unavailable"
  | "infrastructure_unauthorized"
  | "infrastructure_error";

/** A failure of the infrastructure, classified where it is born. `transient`: the same call may succeed later, so it is worth retrying. */
export class ComputeError extends Error {
  readonly code: ComputeErrorCode;
  readonly transient: boolean;

  constructor(code: ComputeErrorCode, message: string, options: { transient: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "ComputeError";
    this.code = code;
    this.transient = options.transient;
  }
}
