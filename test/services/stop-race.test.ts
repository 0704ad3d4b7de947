import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { spawnProcess, type TestProcess } from "../support/processes.ts";
import { SteadyClient } from "../support/steady-client.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const ROUNDS = 5;
const CLIENTS = 6;
/** Accepted before the signal comes. */
const WARM = 2 * CLIENTS;
const TIMEOUT_MS = 1_800_000;

let world: World;
beforeAll(async () => {
  world = await createWorld({ addresses: 240 });
});
afterAll(async () => {
  // Those that a failed test left behind.
  for (const process of started) await process.kill("SIGKILL");
  await world.close();
});

const started: TestProcess[] = [];

async function start(file: string, readyText: string, environment: Record<string, string> = {}): Promise<TestProcess> {
  const process = await spawnProcess(file, readyText, { ...world.environment, LOG_LEVEL: "info", ...environment });
  started.push(process);
  return process;
}

/** The processes of `npm run api` and `npm run worker`. */
const startApi = (port: number) => start("src/server.ts", "api ready", { PORT: String(port) });
const startWorker = () => start("src/worker.ts", "worker ready");

async function stops(process: TestProcess): Promise<void> {
  // One that takes longer than 25 s ends with 1 (src/process.ts).
  expect(await process.kill("SIGTERM")).toEqual({ code: 0, signal: null });
}

/** The creates of all clients, on a machine that runs other tests. */
const ENDING_MS = 400_000;

const nothingRuns = () =>
  waitUntil(
    "every action has ended",
    async () => (await world.sql("SELECT 1 FROM actions WHERE status = 'running'")).length === 0,
    ENDING_MS,
  );

/** What was accepted is there, once, and active. */
async function expectAllActive(accepted: Map<string, string>): Promise<void> {
  await nothingRuns();
  const rows = await world.sql<{ name: string; id: string; status: string }>(
    "SELECT name, id, status FROM servers WHERE deleted_at IS NULL",
  );
  for (const [name, id] of accepted) {
    expect(rows.filter((row) => row.name === name)).toEqual([{ name, id, status: "active" }]);
  }
}

/** Makes room for the next round. */
async function deleteAll(): Promise<void> {
  const rows = await world.sql<{ id: string }>("SELECT id FROM servers WHERE deleted_at IS NULL");
  await Promise.all(rows.map(({ id }) => world.api.deleteServer(id)));
  await nothingRuns();
}

describe(`an API that is told to stop under load, ${ROUNDS} times`, { timeout: TIMEOUT_MS }, () => {
  it("finishes what it has begun, ends in order, and its successor answers the same keys alike", async () => {
    const worker = await startWorker();
    for (let round = 1; round <= ROUNDS; round++) {
      const port = await freePort();
      const api = await startApi(port);
      const clients = Array.from({ length: CLIENTS }, (_, n) => new SteadyClient(port, `round-${round}-client-${n}`));
      const runs = clients.map((client) => client.runUntilRefused());
      await waitUntil(
        "creates are under way",
        () => clients.reduce((sum, { accepted }) => sum + accepted.size, 0) >= WARM,
      );
      await stops(api);
      await Promise.all(runs);

      for (const client of clients) {
        // Each connection ended between two answers; the next one was refused. Nothing was cut off.
        expect(client.failures).toEqual(["ECONNREFUSED"]);
      }
      expect(clients.some(({ wasToldToLeave }) => wasToldToLeave)).toBe(true);
      const accepted = new Map(clients.flatMap((client) => [...client.accepted]));
      await expectAllActive(accepted);

      const successor = await startApi(port);
      for (const [name, id] of accepted) {
        const again = await new SteadyClient(port, name).create(name);
        expect(again).toMatchObject({ status: 201, id, replayed: true });
      }
      await stops(successor);
      const rows = await world.sql("SELECT 1 FROM servers WHERE deleted_at IS NULL");
      expect(rows).toHaveLength(accepted.size);
      await deleteAll();
    }
    await stops(worker);
  });
});

describe(`a worker that is told to stop under load, ${ROUNDS} times`, { timeout: TIMEOUT_MS }, () => {
  it("ends in order, and its successor carries on with every action", async () => {
    const port = Number(new URL(world.api.address).port);
    let worker = await startWorker();
    for (let round = 1; round <= ROUNDS; round++) {
      const clients = Array.from(
        { length: CLIENTS },
        (_, n) => new SteadyClient(port, `hand-over-${round}-client-${n}`),
      );
      const runs = clients.map((client) => client.run(4));
      await waitUntil(
        "creates are under way",
        () => clients.reduce((sum, { accepted }) => sum + accepted.size, 0) >= CLIENTS,
      );
      const [, next] = await Promise.all([stops(worker), startWorker()]);
      worker = next;
      await Promise.all(runs);
      for (const client of clients) expect(client.failures).toEqual([]);
      await expectAllActive(new Map(clients.flatMap((client) => [...client.accepted])));
      await deleteAll();
    }
    await stops(worker);
  });
});
