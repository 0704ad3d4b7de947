import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WORKFLOWS } from "../../src/domain/workflow-contracts.ts";
import { sampled } from "../support/fault-sample.ts";
import { killCells } from "../support/kill-matrix.ts";
import { MortalPool } from "../support/mortal-pool.ts";
import { beginOnServer, makeServer, nameOfAction, SERVER_ACTIONS, shownServer } from "../support/server-actions.ts";
import { nameOf } from "../support/worker-killed.ts";

const pool = new MortalPool();
beforeAll(() => pool.open(4), 300_000);
afterAll(() => pool.close(), 60_000);

/** Those of the others: they are killed in create-server-killed and the matrices of the databases. */
const KILLED_ELSEWHERE = new Set<string>([
  ...Object.values(WORKFLOWS.database).flatMap(({ steps }) => [...steps]),
  ...[WORKFLOWS.server.create, WORKFLOWS.server.delete].flatMap(({ steps }) => [...steps]),
]);

/** Each type once, at the steps that only these actions have. */
const CELLS = SERVER_ACTIONS.filter(
  ({ type }, index) => SERVER_ACTIONS.findIndex((other) => other.type === type) === index,
).flatMap((action) => {
  const own = action.steps.filter((step) => !KILLED_ELSEWHERE.has(step));
  return killCells(own).map((cell) => ({ ...cell, action, name: nameOfAction(action) }));
});

describe("an action whose worker is killed", { concurrent: true, timeout: 300_000 }, () => {
  it.each(sampled("server actions killed", CELLS))(
    "$name, $moment of $step, still comes to its end",
    async ({ action: tested, name, ...cell }) => {
      await pool.use(async ({ world, worker }) => {
        const id = await makeServer(world, nameOf(cell, name.slice(0, 16)), tested.of);
        const action = await worker.survive(cell, tested.steps, () => beginOnServer(world, id, tested));

        expect(action).toMatchObject({ status: "succeeded", error: null });
        const server = await shownServer(world, id);
        expect(server).toMatchObject({ ...tested.leads, error: null });
        const { instances } = await world.simulator.snapshot();
        const instance = instances.find((candidate) => candidate.name === id.replace("srv_", "cn-"));
        expect(instance?.status.toLowerCase()).toBe(server["power_state"]);
      });
    },
  );
});
