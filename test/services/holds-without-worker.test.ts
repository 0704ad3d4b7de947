import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changedBundle } from "../support/changed-bundle.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { spawnWorker } from "../support/processes.ts";
import { createWorld, type World } from "../support/world.ts";

/** Gates, while workers die and are away. */

let world: World;
let operator: Operator;
beforeEach(async () => {
  world = await createWorld();
  operator = await createOperator(world);
});
afterEach(() => world.close());

async function create(name: string): Promise<string> {
  return (await world.api.createServer(name)).body.data.action_id;
}

describe("what waits at a gate", () => {
  unlessSampled(() => {
    it("waits on when its worker is killed, and goes on with another after a release that no worker heard of", async () => {
      const mortal = await spawnWorker(world);
      const hold = await operator.hold({ step: "wait_for_ssh" });
      const actionId = await create("killed-at-gate");
      await operator.waitsFor(hold, actionId);
      await mortal.kill("SIGKILL");
      await operator.release(hold);
      expect((await operator.action(actionId)).waits_for).toBeNull();
      await world.startWorker();
      expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
    });
  });

  it("waits on when the workflows begin to name what they wait for", async () => {
    const before = "function nameHold(holdId) {";
    const older = await world.startWorker([], { workflowBundle: await changedBundle(before, `${before} return;`) });
    const hold = await operator.hold({ step: "wait_for_ssh" });
    const actionId = await create("held-by-older-build");
    await operator.waitsFor(hold, actionId);
    await older.stop();
    await world.startWorker();
    await operator.release(hold);
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
  });

  it("is held by another worker, which was not there when the hold was made", async () => {
    const hold = await operator.hold({ region: "us-east-1" });
    const actionId = await create("held-by-successor");
    await world.startWorker();
    await operator.waitsFor(hold, actionId);
    await operator.release(hold);
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
  });

  unlessSampled(() => {
    it("is told of a release whose request died before it told anybody: by the sweep", {
      timeout: 120_000,
    }, async () => {
      await world.startWorker();
      const hold = await operator.hold({ step: "create_instance" });
      const actionIds = await Promise.all(["one", "two", "three"].map(create));
      for (const actionId of actionIds) await operator.waitsFor(hold, actionId);
      await world.sql("UPDATE holds SET released_at = now() WHERE id = $1", [hold]);
      for (const actionId of actionIds) expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
    });
  });
});
