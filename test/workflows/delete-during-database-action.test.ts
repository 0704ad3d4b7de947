import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { slate } from "../support/clean-slate.ts";
import { DATABASE_ACTIONS, makeDatabase } from "../support/database-actions.ts";
import { sampled } from "../support/fault-sample.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { createWorld, type World } from "../support/world.ts";

/** They end with their workflow's next task. */
const LOCAL_STEPS = ["generate_password", "store_password"];

const held = new HeldActivity();
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([held.interceptor]);
  await world.enginesOffered();
});
afterEach(() => {
  held.release();
  held.stopHolding();
});
afterAll(() => world.close());

const CASES = DATABASE_ACTIONS.flatMap((action) =>
  action.steps.slice(0, -1).map((step) => ({ type: action.type, step, action })),
);

describe("a DELETE of a database", () => {
  it.each(sampled("delete during database action", CASES))(
    "while $type is in $step cancels it and leaves nothing behind",
    async ({ type, step, action }) => {
      const before = await slate(world);
      const id = await makeDatabase(world, `${type}-${step}`.replaceAll("_", "-"), action.ofSuspended);
      held.hold(step);
      const actionId = await action.begin(world, id);
      await held.waitUntilHeld();

      const deletion = await world.api.deleteDatabase(id);
      expect(deletion.status).toBe(202);
      if (LOCAL_STEPS.includes(step)) held.release();
      held.stopHolding();

      expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
      expect((await world.api.actionEnd(actionId)).status).toBe("cancelled");
      expect((await world.api.get(`/v1/databases/${id}`)).status).toBe(404);
      expect(await slate(world)).toEqual(before);
    },
  );
});
