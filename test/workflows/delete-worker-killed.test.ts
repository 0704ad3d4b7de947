import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DELETE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
import { slate } from "../support/clean-slate.ts";
import { killCells } from "../support/kill-matrix.ts";
import { MortalPool } from "../support/mortal-pool.ts";

const pool = new MortalPool();
beforeAll(() => pool.open(4));
afterAll(() => pool.close());

describe("a delete whose worker is killed", { concurrent: true, timeout: 300_000 }, () => {
  it.each(killCells(DELETE_SERVER_STEPS))("$moment of $step still leaves nothing behind", async (cell) => {
    await pool.use(async ({ world, worker, sshKeyId }) => {
      const before = await slate(world);
      const name = `killed-${cell.step}-${cell.moment}`.replaceAll(/[ _]/g, "-");
      const created = (await world.api.createServer(name, { ssh_keys: [sshKeyId] })).body.data;
      expect((await world.api.actionEnd(created.action_id)).status).toBe("succeeded");

      const action = await worker.survive(cell, DELETE_SERVER_STEPS, async () => {
        return (await world.api.deleteServer(created.id)).body.data.id;
      });
      expect(action.status).toBe("succeeded");
      expect((await world.api.get(`/v1/servers/${created.id}`)).status).toBe(404);
      expect(await slate(world)).toEqual(before);
    });
  });
});
