import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { logsIn } from "../support/database-actions.ts";
import { EVERY_STEP, MAY_FAIL, type StepCell } from "../support/every-step.ts";
import { HeldActions } from "../support/held-actions.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Every action, its workflow lost after the effect of every step: deleted in Temporal while the step still runs. It is started anew and ends, and then nothing differs anywhere. All
 * cells at once, since each waits for the sweep.
 */

const RECOVERY_MS = 180_000;

let world: World;
let auditor: Auditor;
const held = new HeldActions();

/** As an operator could, or a Temporal that was lost. */
async function loseWorkflowOf(actionId: string): Promise<string> {
  const [action] = await world.sql<{ workflow_id: string }>(
    "SELECT replace(type, '_', '-') || '-' || resource_type || '/' || resource_id || '/' || attempt AS workflow_id FROM actions WHERE id = $1",
    [actionId],
  );
  const { namespace } = world.temporal.options;
  const workflowExecution = { workflowId: action?.workflow_id ?? "" };
  await world.temporal.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
  return workflowExecution.workflowId;
}

const ended = new Map<StepCell, { status: string; isAnotherRun: boolean }>();

beforeAll(async () => {
  world = await createWorld({ addresses: 200 });
  await world.startWorker([held.interceptor]);
  await world.enginesOffered();
  auditor = await createAuditor(world);
  const begun: { cell: StepCell; actionId: string; workflowId: string; lostAt: Date }[] = [];
  for (const cell of EVERY_STEP) {
    const { id, actionId } = await cell.begin(world, held);
    await held.waitUntilHeld(id);
    const lostAt = new Date();
    begun.push({ cell, actionId, workflowId: await loseWorkflowOf(actionId), lostAt });
  }
  for (const { cell, actionId, workflowId, lostAt } of begun) {
    const { status } = await world.api.actionEnd(actionId, RECOVERY_MS).catch(() => ({ status: "running" }));
    const { startTime } = await world.temporal.workflow.getHandle(workflowId).describe();
    ended.set(cell, { status, isAnotherRun: startTime > lostAt });
  }
}, 900_000);
afterAll(() => world.close());

describe("an action whose workflow is lost", () => {
  it.each(EVERY_STEP)("after $step: $name ends", (cell) => {
    const right = MAY_FAIL.has(cell.name) ? ["succeeded", "failed"] : ["succeeded"];
    expect(ended.get(cell)?.isAnotherRun).toBe(true);
    expect(right).toContain(ended.get(cell)?.status);
  });

  it("leaves nothing that differs", async () => {
    expect(await auditor.audit()).toMatchObject({ status: "succeeded", differences: [] });
  });

  it("leaves every database with a login that works", async () => {
    for (const { id } of await world.api.list("/v1/databases?status=active&per_page=100")) {
      expect(await logsIn(world, await world.api.credentials(id))).toBe(true);
    }
  });
});
