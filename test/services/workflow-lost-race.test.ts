import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENDING_STEPS, workflowOf } from "../../src/domain/workflow-contracts.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { DATABASE_ACTIONS, logsIn, makeDatabase } from "../support/database-actions.ts";
import { HeldActions } from "../support/held-actions.ts";
import { beginOnServer, makeServer, nameOfAction, SERVER_ACTIONS } from "../support/server-actions.ts";
import { DATABASE, SERVER, type Subject } from "../support/subjects.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Every action, its workflow lost after the effect of every step: deleted in Temporal while the step still runs. It is started anew and ends, and then nothing differs anywhere. All
 * cells at once, since each waits for the sweep.
 */

interface Cell {
  name: string;
  step: string;
  /** Starts the action, held after the step; answers what it works on and its action's id. */
  begin(): Promise<{ id: string; actionId: string }>;
}

const RECOVERY_MS = 180_000;
/** Ends that a customer can live with: a password that was added and not stored can't be proven a second time. */
const MAY_FAIL = new Set(["rotate_credentials"]);

let world: World;
let auditor: Auditor;
let made = 0;
const held = new HeldActions();
const steps = (all: readonly string[]) => all.filter((step) => !ENDING_STEPS.has(step));

const CELLS: Cell[] = [
  ...[SERVER, DATABASE].flatMap((subject) => [...createCells(subject), ...deleteCells(subject)]),
  ...SERVER_ACTIONS.flatMap((action) =>
    steps(action.steps).map((step) => ({
      ...{ name: nameOfAction(action), step },
      async begin() {
        const id = await makeServer(world, `lost-${++made}`, action.of);
        held.holdAfter(step, id);
        return { id, actionId: await beginOnServer(world, id, action) };
      },
    })),
  ),
  ...DATABASE_ACTIONS.flatMap((action) =>
    steps(action.steps).map((step) => ({
      ...{ name: action.type, step },
      async begin() {
        const id = await makeDatabase(world, `lost-${++made}`, action.ofSuspended);
        held.holdAfter(step, id);
        return { id, actionId: await action.begin(world, id) };
      },
    })),
  ),
];

function createCells(subject: Subject): Cell[] {
  return steps(subject.createSteps).map((step) => ({
    ...{ name: `create ${subject.kind}`, step },
    async begin() {
      const create = await subject.prepare(world);
      held.holdNext(step, workflowOf(subject.kind, "create").workflowType);
      const { body } = await create(`lost-${++made}`);
      return { id: body.data.id, actionId: body.data.action_id };
    },
  }));
}

function deleteCells(subject: Subject): Cell[] {
  return steps(subject.deleteSteps).map((step) => ({
    ...{ name: `delete ${subject.kind}`, step },
    async begin() {
      const { body } = await (await subject.prepare(world))(`lost-${++made}`);
      await world.api.actionEnd(body.data.action_id);
      held.holdAfter(step, body.data.id);
      const deletion = await world.api.call("DELETE", `${subject.path}/${body.data.id}`);
      return { id: body.data.id, actionId: deletion.body.data.id };
    },
  }));
}

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

const ended = new Map<Cell, { status: string; isAnotherRun: boolean }>();

beforeAll(async () => {
  world = await createWorld({ addresses: 200 });
  await world.startWorker([held.interceptor]);
  await world.enginesOffered();
  auditor = await createAuditor(world);
  const begun: { cell: Cell; actionId: string; workflowId: string; lostAt: Date }[] = [];
  for (const cell of CELLS) {
    const { id, actionId } = await cell.begin();
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
  it.each(CELLS)("after $step: $name ends", (cell) => {
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
