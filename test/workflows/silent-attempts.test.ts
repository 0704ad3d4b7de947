import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aroundActivities } from "../support/activity-faults.ts";
import { createAuditor } from "../support/audits.ts";
import { EVERY_STEP, MAY_FAIL, type StepCell } from "../support/every-step.ts";
import { sampled } from "../support/fault-sample.ts";
import { HeldActions } from "../support/held-actions.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Every workflow, in every step, whose attempt is never heard of again: no answer, no heartbeat, before its effect or after it. It is given up after its timeout, and the next
 * attempt does what is left to do. So many at once as a worker has room for, since each waits for a timeout.
 */

const WAVE = 28;
const LIMIT_MS = 1_800_000;
const ENDING_MS = 300_000;

describe.each(["before its effect", "after its effect"] as const)("an attempt that falls silent %s", (moment) => {
  const cells = sampled(`silent ${moment}`, EVERY_STEP);
  const ends = new Map<StepCell, string>();
  const silenced = new Set<string>();
  const held = new HeldActions();
  let world: World;

  /** `held` knows which step of which resource is meant; instead of being held it falls silent. */
  const silent: ActivityInterceptorsFactory = aroundActivities((activity) => async (run, context) => {
    const resourceId = context.info.workflowExecution?.workflowId.split("/")[1] ?? "";
    if (!held.takes(activity, resourceId, context.info.workflowType)) return run();
    if (moment === "after its effect") await run();
    silenced.add(resourceId);
    return context.cancelled;
  });

  beforeAll(async () => {
    world = await createWorld({ addresses: 240 });
    await world.startWorker([silent]);
    await world.enginesOffered();
    for (let first = 0; first < cells.length; first += WAVE) {
      const begun: { cell: StepCell; actionId: string }[] = [];
      for (const cell of cells.slice(first, first + WAVE)) {
        const { id, actionId } = await cell.begin(world, held);
        await waitUntil(`${cell.name} is silent in ${cell.step}`, () => silenced.has(id));
        begun.push({ cell, actionId });
      }
      for (const { cell, actionId } of begun) {
        const { status } = await world.api.actionEnd(actionId, ENDING_MS).catch(() => ({ status: "running" }));
        ends.set(cell, status);
      }
    }
  }, LIMIT_MS);
  afterAll(() => world.close());

  it.each(cells)("in $step: $name ends", (cell) => {
    expect(MAY_FAIL.has(cell.name) ? ["succeeded", "failed"] : ["succeeded"]).toContain(ends.get(cell));
  });

  it("leaves nothing that differs", async () => {
    expect(await (await createAuditor(world)).audit()).toMatchObject({ status: "succeeded", differences: [] });
  });
});
