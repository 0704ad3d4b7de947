import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOperator, type Operator } from "../support/operator.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** Hundreds of creates before one gate, and their release. */

const WAITERS = 300;
/** As activities/gates.ts has it. */
const AT_WORK = 100;

let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await createWorld({ addresses: WAITERS + 10 });
  await world.startWorker();
  operator = await createOperator(world);
});
afterAll(() => world.close());

describe(`${WAITERS} creates before a gate`, () => {
  it("go on at the pace of their region when it is opened, each once", { timeout: 900_000 }, async () => {
    const hold = await operator.hold({ step: "create_instance" });
    const names = Array.from({ length: WAITERS }, (_, index) => `waiter-${index}`);
    const actionIds: string[] = [];
    // A few at a time, as customers come.
    for (let start = 0; start < WAITERS; start += 20) {
      const answers = await Promise.all(names.slice(start, start + 20).map((name) => world.api.createServer(name)));
      actionIds.push(...answers.map(({ body }) => body.data.action_id));
    }
    const waiting = () => world.sql<{ count: number }>("SELECT count(*)::int AS count FROM gate_waits");
    await waitUntil("all of them wait", async () => (await waiting())[0]?.count === WAITERS, 600_000);
    expect((await world.simulator.snapshot()).instances).toEqual([]);

    // Told by the statement that forgets those which were told: how many are at work then.
    await world.sql("CREATE TABLE at_work (count int)");
    await world.sql(`CREATE FUNCTION note_at_work() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO at_work SELECT count(*) FROM actions
        WHERE status = 'running' AND NOT EXISTS (SELECT 1 FROM gate_waits w WHERE w.action_id = actions.id);
      RETURN NULL; END $$`);
    await world.sql(
      "CREATE TRIGGER note_at_work AFTER DELETE ON gate_waits FOR EACH STATEMENT EXECUTE FUNCTION note_at_work()",
    );
    await operator.release(hold);
    const running = () =>
      world.sql<{ count: number }>("SELECT count(*)::int AS count FROM actions WHERE status = 'running'");
    await waitUntil("all of them have ended", async () => (await running())[0]?.count === 0, 600_000);

    const ended = await world.sql<{ status: string; count: number }>(
      "SELECT status, count(*)::int AS count FROM actions GROUP BY status",
    );
    expect(ended).toEqual([{ status: "succeeded", count: WAITERS }]);
    expect((await world.simulator.snapshot()).instances).toHaveLength(WAITERS);
    const made = (await world.simulator.requests()).filter(
      ({ method, path }) => method === "POST" && path.split("?")[0] === "/1.0/instances",
    );
    expect(made).toHaveLength(WAITERS);
    expect(new Set(actionIds).size).toBe(WAITERS);
    expect(await waiting()).toEqual([{ count: 0 }]);
    // The sweep tells some, too, and may have counted at the same moment.
    const [most] = await world.sql<{ count: number }>("SELECT max(count) AS count FROM at_work");
    expect(most?.count).toBeGreaterThan(1);
    expect(most?.count).toBeLessThanOrEqual(2 * AT_WORK);
  });
});
