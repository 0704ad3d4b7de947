import { Context } from "@temporalio/activity";
import type { AuditPlan } from "../src/domain/audit.ts";
import { AUDIT_CLASSES } from "../src/domain/audit-classes.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { newId } from "../src/domain/ids.ts";
import type { AuditInput } from "../src/domain/workflow-contracts.ts";
import type { Store } from "../src/store/store.ts";

const MINUTE_MS = 60_000;
const KEPT_MS = 7 * 24 * 60 * MINUTE_MS;
/** No workflow of an audit lives that long. */
const RUNNING_MS = 60 * MINUTE_MS;

export function auditRunActivities(store: Store, catalog: Catalog) {
  return {
    /** What the audit is to compare: as it was asked for, or everything, without repairs, where the schedule began it. */
    async beginAudit(input: AuditInput | null): Promise<AuditPlan> {
      const now = Date.now();
      const times = { runningBefore: new Date(now - RUNNING_MS), deleteBefore: new Date(now - KEPT_MS) };
      await store.audits.tidy(times);
      const audit = input
        ? await store.audits.find(input.auditId)
        : await store.audits.insert({
            id: newId("audit"),
            requestedBy: null,
            reason: null,
            repair: false,
            deleteLost: false,
            regions: Object.keys(catalog.regions),
            classes: AUDIT_CLASSES,
          });
      if (!audit) throw new Error(`BUG: there is no audit ${input?.auditId ?? ""}`);
      const { id: auditId, regions, repair, classes } = audit;
      return { auditId, regions, repair, classes };
    },

    async endAudit({ auditId, parts }: { auditId: string; parts: number }): Promise<void> {
      await store.audits.end(auditId, parts);
      Context.current().log.info("audit ended", { audit_id: auditId });
    },
  };
}
