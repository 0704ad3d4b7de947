import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CREATE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
import { slate } from "../support/clean-slate.ts";
import { killCells } from "../support/kill-matrix.ts";
import { MortalPool } from "../support/mortal-pool.ts";

const pool = new MortalPool();
beforeAll(() => pool.open(4));
afterAll(() => pool.close());

describe("a create whose worker is killed", { concurrent: true, timeout: 300_000 }, () => {
  it.each(killCells(CREATE_SERVER_STEPS))("$moment of $step still makes one server", async (cell) => {
    await pool.use(async ({ world, worker, sshKeyId }) => {
      const before = await slate(world);
      const name = `killed-${cell.step}-${cell.moment}`.replaceAll(/[ _]/g, "-");
      let serverId = "";
      const action = await worker.survive(cell, CREATE_SERVER_STEPS, async () => {
        const { body } = await world.api.createServer(name, { ssh_keys: [sshKeyId] });
        serverId = body.data.id;
        return body.data.action_id;
      });

      expect(action.status).toBe("succeeded");
      const server = (await world.api.get(`/v1/servers/${serverId}`)).body.data;
      expect(server.status).toBe("active");
      const after = await slate(world);
      expect(after.instances).toHaveLength(before.instances.length + 1);
      expect(after.leases).toHaveLength(before.leases.length + 1);
      expect(after.addresses).toContainEqual(expect.objectContaining({ resource_id: serverId, address: server.ipv4 }));
      expect(after.addresses).toHaveLength(before.addresses.length + 1);
      expect(after.capacity).toHaveLength(before.capacity.length + 1);
      expect(after.attachedKeys).toHaveLength(before.attachedKeys.length + 1);
    });
  });
});
