import { afterAll, beforeAll, expect, it } from "vitest";
import { sampledRounds } from "../support/fault-sample.ts";
import { spawnWorker, type TestProcess } from "../support/processes.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const CREATES = sampledRounds(1_000);
/** Customers that each wait for their answer before they ask again. */
const CUSTOMERS = 16;
const LIMIT_MS = 1_800_000;

let world: World;
let workers: TestProcess[];

beforeAll(async () => {
  world = await createWorld({ addresses: 2 * CREATES });
  workers = await Promise.all([spawnWorker(world), spawnWorker(world)]);
});
afterAll(async () => {
  for (const worker of workers) await worker.kill("SIGKILL");
  await world.close();
});

async function ended(): Promise<number> {
  const [row] = await world.sql<{ ended: number }>(
    "SELECT count(*)::int AS ended FROM actions WHERE status <> 'running'",
  );
  return row!.ended;
}

/** How long after the death each step that was begun again had been done, in seconds, shortest first: nothing else goes wrong here. */
async function resumedAfter(killedAt: Date): Promise<number[]> {
  const rows = await world.sql<{ seconds: number }>(
    `SELECT extract(epoch FROM (step->>'ended_at')::timestamptz - $1::timestamptz)::float8 AS seconds
     FROM actions, jsonb_array_elements(steps) AS step
     WHERE (step->>'attempt')::int > 1
     ORDER BY 1`,
    [killedAt],
  );
  return rows.map(({ seconds }) => seconds);
}

it(`${CREATES} creates all end well while one of two workers is killed, and each has its effects once`, {
  timeout: LIMIT_MS,
}, async () => {
  const begunAt = Date.now();
  let next = 0;
  const customer = async () => {
    while (next < CREATES) expect((await world.api.createServer(`one-of-many-${next++}`)).status).toBe(201);
  };
  const customers = Promise.all(Array.from({ length: CUSTOMERS }, customer));
  await waitUntil("half of them have ended", async () => (await ended()) >= CREATES / 2, LIMIT_MS);
  const killedAt = new Date();
  await workers[0]?.kill("SIGKILL");
  await customers;
  await waitUntil("all of them have ended", async () => (await ended()) === CREATES, LIMIT_MS);
  const seconds = (Date.now() - begunAt) / 1_000;
  const resumed = await resumedAfter(killedAt);
  const slowest = resumed[Math.ceil(resumed.length * 0.99) - 1];
  console.log(
    `${CREATES} creates in ${seconds.toFixed(0)} s; ${resumed.length} steps resumed, p99 after ${slowest?.toFixed(1)} s`,
  );

  expect(await world.sql("SELECT status, count(*)::int FROM actions GROUP BY status")).toEqual([
    { status: "succeeded", count: CREATES },
  ]);
  const servers = await world.sql<{ id: string; ipv4: string; status: string }>(
    "SELECT id, ipv4, status FROM servers ORDER BY id",
  );
  expect(new Set(servers.map(({ status }) => status))).toEqual(new Set(["active"]));
  expect(new Set(servers.map(({ ipv4 }) => ipv4)).size).toBe(CREATES);
  const held = "SELECT resource_id AS id, address AS ipv4 FROM ip_addresses WHERE resource_id IS NOT NULL ORDER BY 1";
  expect(await world.sql(held)).toEqual(servers.map(({ id, ipv4 }) => ({ id, ipv4 })));
  expect(
    await world.sql(`SELECT (SELECT count(*)::int FROM capacity_reservations) AS reserved,
      (SELECT count(*)::int FROM quota_holds) AS holds, (SELECT servers_used FROM account_quotas) AS used`),
  ).toEqual([{ reserved: CREATES, holds: CREATES, used: CREATES }]);

  const { instances } = await world.simulator.snapshot();
  const owners = instances.map(({ config }) => config["user.cloudnexus.id"]).sort();
  expect(owners).toEqual(servers.map(({ id }) => id));
  expect(new Set(instances.map(({ status }) => status))).toEqual(new Set(["Running"]));
  const asked = (await world.simulator.requests()).filter(
    ({ method, path }) => method === "POST" && path.split("?")[0] === "/1.0/instances",
  );
  expect(asked).toHaveLength(CREATES);
});
