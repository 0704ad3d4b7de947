import { Context } from "@temporalio/activity";
import type { AuditDifference, AuditPart, AuditTotal } from "../src/domain/audit.ts";
import { HOLDINGS_OF_NONE } from "../src/domain/audit-facts.ts";
import type { WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { findActions } from "./audit-actions.ts";
import { type Comparison, confirm, type Difference, suspect } from "./audit-comparison.ts";
import { conclude, dealWith } from "./audit-part.ts";
import { orphansOf } from "./audit-region.ts";
import { findingOf, type RepairContext } from "./audit-repairs.ts";
import { findSums } from "./audit-sums.ts";
import { beating } from "./beating.ts";

export function auditInstallationActivities(store: Store, workflows: WorkflowControl) {
  return {
    /** Compares what belongs to no region: actions with workflows, rows with rows, sums with what they are the sums of. */
    async auditInstallation(part: AuditPart): Promise<void> {
      await beating(async () => {
        const comparison = ofRows(store, part);
        const look = await suspect(store, comparison);
        const confirmed = await confirm(store, comparison, [...look.suspects.keys()]);
        const wait = { heartbeat: () => undefined, signal: Context.current().cancellationSignal };
        const context: RepairContext = { store, compute: null, region: null, wait };
        const toFindings = (found: Difference[]) => found.map((one) => findingOf(context, one));
        // Holds before the sums over them.
        const ofRowsAlone = await dealWith(store, part, toFindings(confirmed), async (subjects) =>
          toFindings(await confirm(store, comparison, subjects)),
        );
        const actions = await findActions(store, workflows, part);
        const sums = await findSums(store, part);
        const others = await dealWith(store, part, [...actions.findings, ...sums.findings], () => Promise.resolve([]));
        const differences: AuditDifference[] = [...ofRowsAlone, ...others];
        const owned = look.rows + actions.compared + sums.compared;
        const problem = look.isCutShort ? "more differences than are looked into" : null;
        await conclude(store, part, { owned, found: Math.max(0, owned - differences.length), problem }, differences);
      });
    },

    /** What can be said of a part that could not be compared. */
    async noteUncompared({ part, problem }: { part: AuditPart; problem: string }): Promise<void> {
      const total: Omit<AuditTotal, "scope" | "differences"> = { owned: 0, found: 0, problem };
      await conclude(store, part, total, []);
    },
  };
}

function ofRows(store: Store, part: AuditPart): Comparison {
  return {
    part,
    from: "rows",
    look: () => Promise.resolve(new Map()),
    wantedAccessRules: () => null,
    // What has a row is compared with its region.
    concerns: ({ row }) => row === null,
    async *ids() {
      const met = new Set<string>();
      for (const holding of HOLDINGS_OF_NONE) yield* orphansOf(store, holding, null, met);
    },
  };
}
