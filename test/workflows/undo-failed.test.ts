import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aroundActivities, FAULT_CODE, failBefore } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { actAndWait, logsIn, makeDatabase } from "../support/database-actions.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let failing = new Set<string>();

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => (failing.has(activity) ? failBefore : undefined))]);
});
afterAll(() => world.close());

describe("a create of a server whose instance can't be deleted after a failure", () => {
  it("keeps address and capacity of what is still there, says so, and leaves nothing after a DELETE", async () => {
    const before = await slate(world);
    failing = new Set(["waitForSsh", "deleteInstance"]);
    const { body } = await world.api.createServer("leftover");
    const action = await world.api.actionEnd(body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step: "wait_for_ssh" } });
    expect(await leftoversOf(body.data.action_id)).toEqual([
      "delete_instance",
      "release_capacity",
      "release_ip_address",
    ]);
    // Nobody else may be given the address while the instance has it.
    const after = await slate(world);
    expect(after.instances).toHaveLength(before.instances.length + 1);
    expect(after.addresses).toContainEqual(
      expect.objectContaining({ address: body.data.ipv4, resource_id: body.data.id }),
    );

    failing = new Set();
    const deletion = await world.api.deleteServer(body.data.id);
    expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
    expect(await slate(world)).toEqual(before);
  });
});

unlessSampled(() => {
  describe("a create of a database whose instance can't be deleted after a failure", () => {
    it("keeps what the instance uses, and the rules that keep strangers from it", async () => {
      await world.enginesOffered();
      const before = await slate(world);
      failing = new Set(["verifyEngine", "deleteInstance"]);
      const { body } = await world.api.createDatabase("leftover");
      const action = await world.api.actionEnd(body.data.action_id);
      expect(action).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step: "verify_engine" } });
      expect(await leftoversOf(body.data.action_id)).toEqual([
        "delete_instance",
        "remove_access_rules",
        "delete_volume",
        "release_capacity",
        "release_ip_address",
      ]);
      const after = await slate(world);
      expect(after.accessRules.length).toBeGreaterThan(before.accessRules.length);
      expect(after.credentials).toEqual(before.credentials);

      failing = new Set();
      const deletion = await world.api.deleteDatabase(body.data.id);
      expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
      expect(await slate(world)).toEqual(before);
    });
  });
});

unlessSampled(() => {
  describe("a rotation that fails and can't return the old password", () => {
    it("shows the new one, which works, and the next rotation clears up", async () => {
      failing = new Set();
      const id = await makeDatabase(world, "half-rotated", false);
      const before = await world.api.credentials(id);
      failing = new Set(["markActive", "returnPassword"]);
      const { body } = await world.api.actOnDatabase(id, "rotate_credentials");
      expect((await world.api.actionEnd(body.data.id)).status).toBe("failed");
      expect(await leftoversOf(body.data.id)).toEqual([
        "return_password",
        "restore_password",
        "remove_password",
        "discard_password",
      ]);
      const after = await world.api.credentials(id);
      expect([await logsIn(world, before), await logsIn(world, after)]).toEqual([false, true]);

      failing = new Set();
      await actAndWait(world, id, "rotate_credentials");
      expect(await logsIn(world, await world.api.credentials(id))).toBe(true);
      expect(await logsIn(world, after)).toBe(false);
    });
  });
});

async function leftoversOf(actionId: string): Promise<string[]> {
  const [row] = await world.sql<{ error: { leftovers: string[] } }>("SELECT error FROM actions WHERE id = $1", [
    actionId,
  ]);
  return row!.error.leftovers;
}
