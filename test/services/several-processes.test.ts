import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AMPLE_QUOTAS } from "../support/ample-limits.ts";
import type { Data } from "../support/api-client.ts";
import { ApiProcess } from "../support/api-processes.ts";
import { createAuditor } from "../support/audits.ts";
import { slate } from "../support/clean-slate.ts";
import { CustomerOfTwo } from "../support/customer-of-two.ts";
import { type Followed, followEvents, type Told } from "../support/event-stream.ts";
import { spawnProcess, type TestProcess } from "../support/processes.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/** Two API processes and two worker processes behind one PostgreSQL and one Temporal. */

const CUSTOMERS = 6;
/** Creates that are accepted between one mishap and the next. */
const STRIDE = 12;
const LIMIT_MS = 900_000;

let world: World;
const apis: ApiProcess[] = [];
const workers: TestProcess[] = [];

beforeAll(async () => {
  world = await createWorld({ addresses: 400 });
});
afterEach(async () => {
  for (const api of apis.splice(0)) await api.kill();
  for (const worker of workers.splice(0)) await worker.kill("SIGKILL");
});
afterAll(() => world.close());

async function twoApis(change: object = {}): Promise<[ApiProcess, ApiProcess]> {
  const two = await Promise.all([ApiProcess.start(world, change), ApiProcess.start(world, change)]);
  apis.push(...two);
  return two;
}

async function startWorker(): Promise<TestProcess> {
  const worker = await spawnProcess("src/worker.ts", "worker ready", { ...world.environment, LOG_LEVEL: "info" });
  workers.push(worker);
  return worker;
}

async function nothingRuns(): Promise<void> {
  const running = () => world.sql("SELECT 1 FROM actions WHERE status = 'running'");
  await waitUntil("every action has ended", async () => (await running()).length === 0, LIMIT_MS);
}

describe("under a steady load, with an API and a worker killed and started again", () => {
  it("whatever was accepted ends, once, and the events are told without a gap by the other API", {
    timeout: LIMIT_MS,
  }, async () => {
    const before = await slate(world);
    const [one, other] = await twoApis();
    const [worker] = await Promise.all([startWorker(), startWorker()]);
    const first = await followEvents(one.client.address, API_KEY);

    let isEnough = false;
    const customers = Array.from({ length: CUSTOMERS }, (_, n) => new CustomerOfTwo([one, other], `customer-${n}`));
    const runs = Promise.all(customers.map((customer) => customer.runUntil(() => isEnough)));
    // One that failed says why; the waits below would only give up.
    let failure: Error | null = null;
    runs.catch((error: unknown) => (failure = error as Error));
    const accepted = () => customers.reduce((sum, { created }) => sum + created.size, 0);
    const another = async (creates: number) => {
      const aim = accepted() + creates;
      await waitUntil(`${creates} more are accepted`, () => {
        if (failure) throw failure;
        return accepted() >= aim;
      });
    };

    await another(STRIDE);
    const atOne = () => customers.reduce((sum, { underWay }) => sum + underWay[0], 0);
    await waitUntil("the API is in the middle of requests", () => atOne() >= 2);
    await one.kill();
    const told = first.told.slice();
    const second = await followEvents(other.client.address, API_KEY, { lastEventId: told.at(-1)?.id ?? "" });
    await another(STRIDE);
    await worker.kill("SIGKILL");
    await another(STRIDE);
    await Promise.all([one.start(), startWorker()]);
    await another(STRIDE);
    isEnough = true;
    await runs;
    await nothingRuns();

    expect(customers.some(({ lost }) => lost > 0)).toBe(true);
    expect(customers.some(({ repeats }) => repeats > 0)).toBe(true);
    const created = new Map(customers.flatMap((customer) => [...customer.created]));
    const deleted = new Set(customers.flatMap((customer) => [...customer.deleted]));
    await expectEachOnce(created, deleted);
    for (const [name, id] of created) {
      for (const { client } of [one, other]) {
        const again = await client.createServer(name, {}, { "Idempotency-Key": name });
        expect(again).toMatchObject(deleted.has(id) ? { status: 404 } : { status: 201, body: { data: { id } } });
      }
    }

    await expectToldWithoutGap(told, second);
    const { differences } = await (await createAuditor(world)).audit();
    expect(differences).toEqual([]);

    const left = [...created.values()].filter((id) => !deleted.has(id));
    await Promise.all(left.map((id) => other.client.deleteServer(id)));
    await nothingRuns();
    expect(await slate(world)).toEqual({
      ...before,
      quotaUsage: [expect.objectContaining({ servers_used: 0, addresses_used: 0, vcpus_used: 0 })],
    });
    await second.close();
  });
});

/** What was accepted is there, once, and active; what was to be deleted is gone. Nothing else is there. */
async function expectEachOnce(created: Map<string, string>, deleted: Set<string>): Promise<void> {
  const rows = await world.sql<{ id: string; name: string; status: string; is_deleted: boolean }>(
    "SELECT id, name, status, deleted_at IS NOT NULL AS is_deleted FROM servers ORDER BY name",
  );
  const seen = rows.map(({ id, name, status, is_deleted }) => ({ id, name, end: is_deleted ? "deleted" : status }));
  const wanted = [...created].map(([name, id]) => ({ id, name, end: deleted.has(id) ? "deleted" : "active" }));
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(seen.sort(byName)).toEqual(wanted.sort(byName));
}

/** What both streams told, one after the other, is what one that was never cut off would have told. */
async function expectToldWithoutGap(first: Told[], second: Followed): Promise<void> {
  const whole = await followEvents(new URL(second.response.url).origin, API_KEY, { lastEventId: first[0]?.id ?? "" });
  const told = (all: Told[]) => all.flatMap(({ data }) => (data ? [data.id] : []));
  const [{ count } = { count: 0 }] = await world.sql<{ count: number }>(
    "SELECT count(*)::int AS count FROM events WHERE type LIKE 'server.%' OR type LIKE 'action.%'",
  );
  await whole.until("everything is told", (all) => told(all).length >= count);
  await second.until("the stream that went on is as far", (all) => all.at(-1)?.id === whole.told.at(-1)?.id);
  expect([...told(first), ...told(second.told)]).toEqual(told(whole.told));
  await whole.close();
}

describe("two API processes share", () => {
  it("a key's rate limit: together they let through what one would", async () => {
    const POINTS = 60;
    const window = { points: POINTS, seconds: 3_600 };
    const limits = { rate_limits: { key_burst: window, key_sustained: window } };
    const [one, other] = await twoApis(limits);
    const key = (await world.api.call("POST", "/v1/api_keys", { name: "limited", scopes: ["servers:read"] })).body.data;
    const { token } = key as Data & { token: string };
    const clients = [one.as(token), other.as(token)];
    const answers = await Promise.all(
      Array.from({ length: POINTS }, () => clients.map((client) => client.get("/v1/servers"))).flat(),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(POINTS);
    expect(statuses.filter((status) => status === 429)).toHaveLength(POINTS);
  });

  it("an account's quota: of creates at both at once exactly so many are accepted", async () => {
    await startWorker();
    const SERVERS = 5;
    const [one, other] = await twoApis({ quotas: { ...AMPLE_QUOTAS, servers: SERVERS } });
    const answers = await Promise.all(
      Array.from({ length: 2 * SERVERS }, (_, n) => (n % 2 === 0 ? one : other).client.createServer(`quota-${n}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(SERVERS).fill(201),
      ...Array<number>(SERVERS).fill(403),
    ]);
    await nothingRuns();
    await Promise.all(
      answers.filter(({ status }) => status === 201).map(({ body }) => world.api.deleteServer(body.data.id)),
    );
    await nothingRuns();
  });

  it("a revocation: what one revoked, the other refuses, though it had just let it through", async () => {
    const [one, other] = await twoApis();
    const answer = await one.client.call("POST", "/v1/api_keys", { name: "revoked", scopes: ["servers:read"] });
    const { id, token } = answer.body.data as Data & { token: string };
    const there = other.as(token);
    expect((await there.get("/v1/servers")).status).toBe(200);
    expect((await one.client.call("DELETE", `/v1/api_keys/${id}`)).status).toBe(200);
    await waitUntil("the other one refuses it", async () => (await there.get("/v1/servers")).status === 401);
    expect((await one.as(token).get("/v1/servers")).status).toBe(401);
  });
});
