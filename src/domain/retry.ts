import type { ErrorCode } from "./error-codes.ts";
import type { ResourceKind } from "./resource.ts";
import type { StepName } from "./workflow-contracts.ts";

/** Failed creates that operators have tried again. */

export const RETRY_STATUSES = ["running", "succeeded", "stopped"] as const;
export type RetryStatus = (typeof RETRY_STATUSES)[number];

export const RETRY_OUTCOMES = ["waiting", "started", "skipped"] as const;
export type RetryOutcome = (typeof RETRY_OUTCOMES)[number];

/** So many creates are started in a minute where nothing is said. */
export const RETRIES_PER_MINUTE = { default: 60, max: 600 } as const;
/** More than these are not matched at once. */
export const RETRY_ITEMS_MAX = 10_000;

/** Which failed creates; null: any. */
export interface RetryFilter {
  /** One of them. */
  actionId: string | null;
  step: StepName | null;
  errorCode: ErrorCode | null;
  region: string | null;
  resourceKind: ResourceKind | null;
  accountId: string | null;
  /** By when they were accepted. */
  createdBefore: Date | null;
  createdAfter: Date | null;
}

export interface RetryItem {
  /** The create that failed. */
  actionId: string;
  resourceKind: ResourceKind;
  resourceId: string;
  outcome: RetryOutcome;
  startedActionId: string | null;
  /** Why it was skipped. */
  code: ErrorCode | null;
  message: string | null;
}

export interface Retry {
  id: string;
  requestedBy: { accountId: string; apiKeyId: string; requestId: string };
  reason: string;
  filter: RetryFilter;
  perMinute: number;
  status: RetryStatus;
  matched: number;
  started: number;
  skipped: number;
  createdAt: Date;
  endedAt: Date | null;
}

/** What its workflow is told. Plain data: it is stored in workflow history. */
export interface RetryInput {
  retryId: string;
  perMinute: number;
}

/** So many at a time, and so long until the next. */
export function paceOf(perMinute: number): { count: number; everyMs: number } {
  const count = Math.ceil(perMinute / 60);
  return { count, everyMs: Math.round((60_000 * count) / perMinute) };
}
