import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actAndWait, DATABASE_ACTIONS, logsIn, makeDatabase } from "../support/database-actions.ts";
import { sampled } from "../support/fault-sample.ts";
import { killCells } from "../support/kill-matrix.ts";
import { MortalPool } from "../support/mortal-pool.ts";
import { nameOf } from "../support/worker-killed.ts";

const pool = new MortalPool();
beforeAll(() => pool.open(4), 300_000);
afterAll(() => pool.close(), 60_000);

const CELLS = DATABASE_ACTIONS.flatMap((action) =>
  killCells(action.steps).map((cell) => ({ ...cell, action, type: action.type })),
);

describe("an action whose worker is killed", { concurrent: true, timeout: 300_000 }, () => {
  it.each(sampled("database actions killed", CELLS))(
    "$type, $moment of $step, still comes to its end",
    async ({ action: tested, ...cell }) => {
      await pool.use(async ({ world, worker }) => {
        const id = await makeDatabase(world, nameOf(cell, tested.type.slice(0, 7)), tested.ofSuspended);
        const before = await world.api.credentials(id);
        const action = await worker.survive(cell, tested.steps, () => tested.begin(world, id));

        expect(action.status).toBe("succeeded");
        const after = await world.api.credentials(id);
        if (tested.type === "suspend") await actAndWait(world, id, "resume");
        expect((await world.api.get(`/v1/databases/${id}`)).body.data.status).toBe("active");
        expect(await logsIn(world, after)).toBe(true);
        expect(await logsIn(world, before)).toBe(tested.type !== "rotate_credentials");
      });
    },
  );
});
