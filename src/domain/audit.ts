/** What an audit compares and what it finds. The classes of difference are in audit-classes.ts. */

import type { AuditClass } from "./audit-classes.ts";

export const AUDIT_STATUSES = ["running", "succeeded", "incomplete"] as const;
export type AuditStatus = (typeof AUDIT_STATUSES)[number];

/**
 * What became of a difference:
 * - `found`: reported, nothing more.
 * - `shown`: written on the resource, for its holder to see.
 * - `repaired`: it is no more.
 * - `waiting`: a repair was asked for, and its hold time is not over.
 * - `refused`: a repair was asked for, and would not be safe; `message` says why.
 * - `failed`: the repair failed; `message` says how.
 */
export const AUDIT_OUTCOMES = ["found", "shown", "repaired", "waiting", "refused", "failed"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** The part of an audit that is about rows and workflows alone; the other parts are regions. */
export const INSTALLATION = "*";

export interface AuditDifference {
  class: AuditClass;
  /** Null where it belongs to none. */
  region: string | null;
  /** The id of a resource, an action or an account. */
  subject: string;
  /** Null where nothing tells it. */
  accountId: string | null;
  detail: string;
  /** Without a break until now. */
  firstSeenAt: Date;
  /** Not repaired before; null: at once. */
  repairAfter: Date | null;
  outcome: AuditOutcome;
  message: string | null;
}

/** What one part of an audit came to. */
export interface AuditTotal {
  /** A region, or `INSTALLATION`. */
  scope: string;
  /** Servers and databases that have rows and should have instances; of the installation: rows that were compared. */
  owned: number;
  /** Instances that carry our tags; of the installation: those rows that are right. */
  found: number;
  /** By class; those without differences are not in it. */
  differences: Partial<Record<AuditClass, number>>;
  /** Why the part could not be compared, or why nothing was written about it; null: it was. */
  problem: string | null;
}

export interface Audit {
  id: string;
  /** Null: by the schedule. */
  requestedBy: { accountId: string; apiKeyId: string; requestId: string } | null;
  reason: string | null;
  repair: boolean;
  /** Whether a repair may delete what was made between a backup and its restore. */
  deleteLost: boolean;
  regions: string[];
  classes: AuditClass[];
  status: AuditStatus;
  totals: AuditTotal[];
  createdAt: Date;
  endedAt: Date | null;
}

/** What a part of an audit is told. Plain data: it is stored in workflow history. */
export interface AuditPart {
  auditId: string;
  scope: string;
  repair: boolean;
  classes: AuditClass[];
}

/** What is done in an audit of these settings. */
export interface AuditPlan {
  auditId: string;
  regions: string[];
  repair: boolean;
  classes: AuditClass[];
}

/** A difference that was seen, whenever it began. */
export type Sighting = Pick<AuditDifference, "class" | "subject">;

export function sightingKey({ class: name, subject }: Sighting): string {
  return `${name} ${subject}`;
}
