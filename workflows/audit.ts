import { ActivityFailure, ApplicationFailure, isCancellation } from "@temporalio/workflow";
import { type AuditPart, INSTALLATION } from "../src/domain/audit.ts";
import type { AuditInput } from "../src/domain/workflow-contracts.ts";
import { auditActivities, auditStore, persistentStore } from "./activity-options.ts";
import { onAnyBuild } from "./any-build.ts";

/**
 * Compares rows, workflows and infrastructure: each region beside its hosts, and the installation's rows. A region that does not answer is left out, and the audit says so.
 *
 * By a schedule, without input, or as `audit/<id>` when an operator asks. Repeating it is harmless.
 */
export async function audit(input?: AuditInput): Promise<void> {
  const { auditId, regions, repair, classes } = await persistentStore.beginAudit(input ?? null);
  const part = (scope: string): AuditPart => ({ auditId, scope, repair, classes });
  await Promise.all(regions.map((region) => compare(part(region), (of) => auditActivities(region).auditRegion(of))));
  // After the regions: what their repairs give back is in the sums.
  await compare(part(INSTALLATION), (of) => auditStore.auditInstallation(of));
  await persistentStore.endAudit({ auditId, parts: regions.length + 1 });
}

onAnyBuild(audit);

async function compare(part: AuditPart, work: (part: AuditPart) => Promise<void>): Promise<void> {
  try {
    await work(part);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    const problem = cause instanceof ApplicationFailure ? `${cause.type}: ${cause.message}` : "nobody answered in time";
    await persistentStore.noteUncompared({ part, problem });
  }
}
