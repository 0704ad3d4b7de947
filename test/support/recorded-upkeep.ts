import { workflowTaskQueue } from "../../src/domain/task-queues.ts";
import {
  AUDIT_WORKFLOW_TYPE,
  SWEEP_WORKFLOW_TYPE,
  SYNC_ENGINES_WORKFLOW_TYPE,
} from "../../src/domain/workflow-contracts.ts";
import { auditWorkflowId } from "../../src/domain/workflow-ids.ts";
import type { Outcome } from "./recorded-outcomes.ts";
import type { Stage } from "./recording-stage.ts";

/** The outcomes of what schedules start, and of audits that an operator asked for. */
export function recordedUpkeep(): Outcome[] {
  const engines = { region: "us-east-1" };
  return [
    ["sweep-succeeded", (stage) => asScheduled(stage, SWEEP_WORKFLOW_TYPE)],
    ["sync-engines-succeeded", (stage) => asScheduled(stage, SYNC_ENGINES_WORKFLOW_TYPE, engines)],
    [
      "sync-engines-failed",
      (stage) => {
        stage.fail("sync_database_engines");
        return asScheduled(stage, SYNC_ENGINES_WORKFLOW_TYPE, engines);
      },
    ],
    ["audit-scheduled", (stage) => asScheduled(stage, AUDIT_WORKFLOW_TYPE)],
    ["audit-asked-for", (stage) => audit(stage)],
    ["audit-repaired", (stage) => audit(stage, { repair: true, reason: "recorded" })],
    [
      "audit-without-a-region",
      (stage) => {
        stage.fail("audit_region");
        return audit(stage);
      },
    ],
    [
      "audit-without-the-installation",
      (stage) => {
        stage.fail("audit_installation");
        return audit(stage);
      },
    ],
  ];
}

let runs = 0;

/** As its schedule starts it, under an id that is kept. */
async function asScheduled({ world }: Stage, workflowType: string, ...args: object[]): Promise<string> {
  const handle = await world.temporal.workflow.start(workflowType, {
    taskQueue: workflowTaskQueue(world.config.temporal.taskQueuePrefix),
    workflowId: `recorded-${workflowType}-${process.pid}-${++runs}`,
    args,
  });
  return handle.workflowId;
}

async function audit({ auditor }: Stage, request: { repair?: boolean; reason?: string } = {}): Promise<string> {
  return auditWorkflowId((await auditor.audit(request)).id);
}
