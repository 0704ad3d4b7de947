import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, FAULT_CODE, failureCells, runTwice } from "../support/activity-faults.ts";
import { actAndWait, DATABASE_ACTIONS, makeDatabase, stateOf } from "../support/database-actions.ts";
import { actionOfEndedWorkflow } from "../support/ended-workflow.ts";
import { sampled } from "../support/fault-sample.ts";
import { DATABASE, workflowIdOf } from "../support/subjects.ts";
import { createWorld, type World } from "../support/world.ts";

let around: Parameters<typeof aroundActivities>[0] = () => undefined;
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => around(activity))]);
  await world.enginesOffered();
});
afterAll(() => world.close());

describe.each(DATABASE_ACTIONS)("$type", ({ type, steps, undos, ofSuspended, begin }) => {
  let id: string;

  beforeAll(async () => {
    around = () => undefined;
    id = await makeDatabase(world, type.replaceAll("_", "-"), ofSuspended);
  });

  async function act() {
    const actionId = await begin(world, id);
    return actionOfEndedWorkflow(world, workflowIdOf(DATABASE, type, id, await countActions(type, id)), actionId);
  }

  describe("that fails at", () => {
    it.each(sampled(`${type} database`, failureCells(steps)))(
      "$step, $when, leaves the database as it was, and says why",
      async (cell) => {
        const { step, fault, undo } = cell;
        const before = await stateOf(world, id);
        expect(before.logsIn).toBe(!ofSuspended);
        around = (activity) =>
          activity === activityOfStep(step) ? fault : undos.includes(activity) ? undo : undefined;
        const action = await act();
        around = () => undefined;

        expect(action).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
        const database = (await world.api.get(`/v1/databases/${id}`)).body.data;
        expect(database.error).toMatchObject({ code: FAULT_CODE, step, action_id: action.id });
        expect(await stateOf(world, id)).toEqual(before);
      },
    );
  });

  it.each(sampled(`${type} database twice`, steps))("whose step %s is delivered twice succeeds", async (step) => {
    around = (activity) => (activity === activityOfStep(step) ? runTwice : undefined);
    expect(await act()).toMatchObject({ status: "succeeded", error: null });
    around = () => undefined;
    const after = await stateOf(world, id);
    expect((await world.api.get(`/v1/databases/${id}`)).body.data.error).toBeNull();
    expect(after.logsIn).toBe(type !== "suspend");
    if (type === "suspend") await actAndWait(world, id, "resume");
    if (type === "resume") await actAndWait(world, id, "suspend");
  });
});

async function countActions(type: string, id: string): Promise<number> {
  const [row] = await world.sql<{ count: number }>(
    "SELECT count(*)::int FROM actions WHERE type = $1 AND resource_id = $2",
    [type, id],
  );
  return row?.count ?? 0;
}
