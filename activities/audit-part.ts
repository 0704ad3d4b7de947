import { type AuditDifference, type AuditPart, type AuditTotal, sightingKey } from "../src/domain/audit.ts";
import type { AuditClass } from "../src/domain/audit-classes.ts";
import type { Store } from "../src/store/store.ts";

/** A difference before it is known since when, with how it is mended. */
export interface Finding {
  class: AuditClass;
  region: string | null;
  subject: string;
  accountId: string | null;
  detail: string;
  /** How long it has to have been seen before it is repaired. */
  holdMs: number;
  /** Why a program must not repair it; null: it may. */
  refusal: string | null;
  /** Written on the resource in any case; then there is no difference any more. */
  show: (() => Promise<void>) | null;
  /** The same, of what stays a difference; null: nothing to be written. */
  note: (() => Promise<void>) | null;
  /** Looks once more, with the rows locked, before it acts. Throws `ChangedMeanwhile` if there is nothing to act on. */
  repair(by: Repairer): Promise<void>;
}

/** Who asked for repairs, for the log of operators' changes. */
export interface Repairer {
  accountId: string;
  apiKeyId: string;
  requestId: string;
  reason: string | null;
}

/** What was to be repaired is another thing by now. */
export class ChangedMeanwhile extends Error {}

/** So that a chain of differences is mended in one audit: what uses a volume is removed, then the volume, and what holds an address, then the address is nobody's. */
const ROUNDS = 3;

/**
 * Does with findings what the audit is to do with them: notes since when they are there, shows them, repairs them. `again` looks anew at subjects of which something was
 * repaired.
 */
export async function dealWith(
  store: Store,
  part: AuditPart,
  findings: Finding[],
  again: (subjects: string[]) => Promise<Finding[]>,
): Promise<AuditDifference[]> {
  const repairer = part.repair ? await repairerOf(store, part.auditId) : null;
  const all = new Map<string, AuditDifference>();
  /** Once it was refused, it is dealt with again: what stood in its way may be repaired by now. */
  const isDealtWith = (finding: Finding) => {
    const known = all.get(sightingKey(finding));
    return known !== undefined && known.outcome !== "refused";
  };
  let next = findings;
  for (let round = 1; next.length > 0; round++) {
    const fresh = next.filter((finding) => !isDealtWith(finding));
    const differences = await oneRound(store, part, fresh, repairer);
    for (const difference of differences) all.set(sightingKey(difference), difference);
    const repaired = differences.filter(({ outcome }) => outcome === "repaired").map(({ subject }) => subject);
    next = repaired.length > 0 && round < ROUNDS ? await again([...new Set(repaired)]) : [];
  }
  return [...all.values()];
}

async function oneRound(
  store: Store,
  part: AuditPart,
  findings: Finding[],
  repairer: Repairer | null,
): Promise<AuditDifference[]> {
  if (findings.length === 0) return [];
  const seen = await store.audits.see(part.auditId, part.scope, findings);
  const differences: AuditDifference[] = [];
  for (const finding of findings) {
    const firstSeenAt = seen.get(sightingKey(finding)) ?? new Date();
    const repairAfter = finding.holdMs === 0 ? null : new Date(firstSeenAt.getTime() + finding.holdMs);
    const { class: name, region, subject, accountId, detail } = finding;
    const end = await endOf(finding, repairAfter, repairer);
    differences.push({ class: name, region, subject, accountId, detail, firstSeenAt, repairAfter, ...end });
  }
  return differences;
}

async function endOf(
  finding: Finding,
  repairAfter: Date | null,
  repairer: Repairer | null,
): Promise<Pick<AuditDifference, "outcome" | "message">> {
  try {
    if (finding.show) {
      await finding.show();
      return { outcome: "shown", message: null };
    }
    await finding.note?.();
    if (!repairer) return { outcome: "found", message: null };
    if (finding.refusal !== null) return { outcome: "refused", message: finding.refusal };
    if (repairAfter !== null && repairAfter > new Date()) return { outcome: "waiting", message: null };
    await finding.repair(repairer);
    return { outcome: "repaired", message: null };
  } catch (error) {
    if (error instanceof ChangedMeanwhile) return { outcome: "refused", message: "it has changed meanwhile" };
    return { outcome: "failed", message: error instanceof Error ? error.message.slice(0, 500) : "unknown error" };
  }
}

async function repairerOf(store: Store, auditId: string): Promise<Repairer> {
  const audit = await store.audits.find(auditId);
  if (!audit?.requestedBy) throw new Error(`BUG: nobody asked the audit ${auditId} to repair anything`);
  return { ...audit.requestedBy, reason: audit.reason };
}

/** Writes down what a part came to. What it looked for and did not find is over, unless it did not look everywhere. */
export async function conclude(
  store: Store,
  part: AuditPart,
  total: Omit<AuditTotal, "scope" | "differences">,
  differences: AuditDifference[],
): Promise<void> {
  const byClass: AuditTotal["differences"] = {};
  for (const { class: name } of differences) byClass[name] = (byClass[name] ?? 0) + 1;
  await store.transaction(async ({ audits }) => {
    if (total.problem === null) await audits.forgetUnseen(part.auditId, part.scope, part.classes);
    await audits.record(part.auditId, { scope: part.scope, ...total, differences: byClass }, differences);
  });
}
