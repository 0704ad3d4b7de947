import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, FAULT_CODE, failureCells, runTwice } from "../support/activity-faults.ts";
import { actionOfEndedWorkflow } from "../support/ended-workflow.ts";
import { sampled } from "../support/fault-sample.ts";
import {
  beginOnServer,
  makeServer,
  nameOfAction,
  SERVER_ACTIONS,
  serverStateOf,
  shownServer,
} from "../support/server-actions.ts";
import { SERVER, workflowIdOf } from "../support/subjects.ts";
import { createWorld, type World } from "../support/world.ts";

let around: Parameters<typeof aroundActivities>[0] = () => undefined;
let world: World;

beforeAll(async () => {
  world = await createWorld({ addresses: 100 });
  await world.startWorker([aroundActivities((activity) => around(activity))]);
});
afterAll(() => world.close());

const CASES = SERVER_ACTIONS.map((action) => ({ ...action, name: nameOfAction(action), action }));

describe.each(CASES)("$name", ({ type, name, steps, undos, of, leads, action: tested }) => {
  let id: string;

  beforeAll(async () => {
    around = () => undefined;
    id = await makeServer(world, name, of);
  });

  async function act() {
    const actionId = await beginOnServer(world, id, tested);
    const [row] = await world.sql<{ attempt: number }>("SELECT attempt FROM actions WHERE id = $1", [actionId]);
    return actionOfEndedWorkflow(world, workflowIdOf(SERVER, type, id, row?.attempt), actionId);
  }

  describe("that fails at", () => {
    it.each(sampled(`${name} server`, failureCells(steps)))(
      "$step, $when, leaves the server as it was, and says why",
      async (cell) => {
        const { step, fault, undo } = cell;
        const before = await serverStateOf(world, id);
        around = (activity) =>
          activity === activityOfStep(step) ? fault : undos.includes(activity) ? undo : undefined;
        const ended = await act();
        around = () => undefined;

        expect(ended).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
        expect((await shownServer(world, id))["error"]).toMatchObject({ code: FAULT_CODE, step, action_id: ended.id });
        expect(await serverStateOf(world, id)).toEqual(before);
        expect(await leftovers(ended.id)).toEqual([]);
      },
    );
  });

  it.each(sampled(`${name} server twice`, steps))("whose step %s is delivered twice succeeds", async (step) => {
    const own = await makeServer(world, `${name}-${step}`.replaceAll("_", "-"), of);
    around = (activity) => (activity === activityOfStep(step) ? runTwice : undefined);
    const ended = await world.api.actionEnd(await beginOnServer(world, own, tested));
    around = () => undefined;
    expect(ended).toMatchObject({ status: "succeeded", error: null });
    const server = await shownServer(world, own);
    expect(server).toMatchObject({ ...leads, error: null });
    const instance = (await world.simulator.snapshot()).instances.find(
      (candidate) => candidate.name === own.replace("srv_", "cn-"),
    );
    expect(instance?.status.toLowerCase()).toBe(server["power_state"]);
  });
});

async function leftovers(actionId: string): Promise<string[] | undefined> {
  const [row] = await world.sql<{ error: { leftovers: string[] } }>("SELECT error FROM actions WHERE id = $1", [
    actionId,
  ]);
  return row?.error.leftovers;
}
