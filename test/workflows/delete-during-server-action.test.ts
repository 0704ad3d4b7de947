import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { slate } from "../support/clean-slate.ts";
import { sampled } from "../support/fault-sample.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { beginOnServer, makeServer, nameOfAction, SERVER_ACTIONS } from "../support/server-actions.ts";
import { createWorld, type World } from "../support/world.ts";

/** They end with their workflow's next task. */
const LOCAL_STEPS = ["claim_capacity"];

const held = new HeldActivity();
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([held.interceptor]);
});
afterEach(() => {
  held.release();
  held.stopHolding();
});
afterAll(() => world.close());

const CASES = SERVER_ACTIONS.flatMap((action) =>
  action.steps.slice(0, -1).map((step) => ({ name: nameOfAction(action), step, action })),
);

describe("a DELETE of a server", () => {
  it.each(sampled("delete during server action", CASES))(
    "while $name is in $step cancels it and leaves nothing behind",
    async ({ name, step, action }) => {
      const before = await slate(world);
      const id = await makeServer(world, `${name}-${step}`.replaceAll("_", "-"), action.of);
      held.hold(step);
      const actionId = await beginOnServer(world, id, action);
      await held.waitUntilHeld();

      const deletion = await world.api.deleteServer(id);
      expect(deletion.status).toBe(202);
      if (LOCAL_STEPS.includes(step)) held.release();
      held.stopHolding();

      expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
      expect((await world.api.actionEnd(actionId)).status).toBe("cancelled");
      expect((await world.api.get(`/v1/servers/${id}`)).status).toBe(404);
      expect(await slate(world)).toEqual(before);
    },
  );
});
