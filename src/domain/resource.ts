import type { ErrorCode } from "./error-codes.ts";
import type { ResourceStatus } from "./statuses.ts";

/** What actions run on. */
export const RESOURCE_KINDS = ["server", "database"] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

/** What every resource has, whatever its kind. */
export interface Resource {
  id: string;
  accountId: string;
  name: string;
  region: string;
  /** What its disk is made from: the slug of an image, or engine and major version, `postgresql-17`. */
  image: string;
  status: ResourceStatus;
  /** Null until the first step of the create has allocated it, and again once it was released. */
  ipv4: string | null;
  /** The latest action on it. */
  actionId: string;
}

/** Why a resource is in its present state, as customers see it. */
export interface ResourceError {
  code: ErrorCode;
  message: string;
  step: string | null;
  action_id: string;
  retryable: boolean;
}
