import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aroundActivities, FAULT_CODE, failBefore } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let failing = new Set<string>();

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => (failing.has(activity) ? failBefore : undefined))]);
});
afterAll(() => world.close());

describe("a create whose instance can't be deleted after a failure", () => {
  it("keeps address and capacity of what is still there, says so, and leaves nothing after a DELETE", async () => {
    const before = await slate(world);
    failing = new Set(["waitForSsh", "deleteInstance"]);
    const { body } = await world.api.createServer("leftover");
    const action = await world.api.actionEnd(body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step: "wait_for_ssh" } });
    const [row] = await world.sql<{ error: { leftovers: string[] } }>("SELECT error FROM actions WHERE id = $1", [
      body.data.action_id,
    ]);
    expect(row!.error.leftovers).toEqual(["delete_instance", "release_capacity", "release_ip_address"]);
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
