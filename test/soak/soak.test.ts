import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { randomFault } from "../chaos/script.ts";
import { createAuditor } from "../support/audits.ts";
import { slate } from "../support/clean-slate.ts";
import { spawnProcess, spawnWorker, type TestProcess } from "../support/processes.ts";
import { seeded } from "../support/seeded.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";
import { Customers } from "./customers.ts";
import { growth, residentMib } from "./resident-memory.ts";

const MINUTES = Number(process.env["SOAK_MINUTES"] ?? "30");
const A_SECOND = Number(process.env["SOAK_RATE"] ?? "3");
const FAULT_EVERY_MS = 10_000;
const SAMPLE_EVERY_MS = 5_000;
/** Of what a process has once it is warm. */
const GROWTH_MAX = 0.15;
/** Of all creates: the rest met a fault that nothing mends, or one too many of those that pass. */
const SUCCEED_MIN = 0.98;

let world: World;
let api: TestProcess;
let worker: TestProcess;
let customers: Customers;

beforeAll(async () => {
  world = await createWorld({ addresses: 2_000 });
  const port = await freePort();
  api = await spawnProcess("src/server.ts", "api ready", {
    ...world.environment,
    PORT: String(port),
    LOG_LEVEL: "info",
  });
  worker = await spawnWorker(world);
  customers = new Customers(`http://127.0.0.1:${port}`, API_KEY);
});
afterAll(async () => {
  await api.kill("SIGKILL");
  await worker.kill("SIGKILL");
  await world.close();
});

it(`${MINUTES} minutes of ${A_SECOND} creates a second, with faults, leave nothing, and memory does not grow`, {
  timeout: (MINUTES + 20) * 60_000,
}, async () => {
  const auditor = await createAuditor(world);
  const before = await slate(world);
  const random = seeded(20_261_126);
  const memory: { api: number[]; worker: number[] } = { api: [], worker: [] };
  const isOver = new AbortController();
  const every = async (ms: number, work: () => unknown) => {
    while (!isOver.signal.aborted) {
      await work();
      await delay(ms, undefined, { signal: isOver.signal }).catch(() => undefined);
    }
  };
  const loops = [
    every(1_000 / A_SECOND, () => customers.come()),
    every(FAULT_EVERY_MS, () => world.simulator.addFault(randomFault(random))),
    every(SAMPLE_EVERY_MS, () => {
      memory.api.push(residentMib(api));
      memory.worker.push(residentMib(worker));
    }),
  ];
  await delay(MINUTES * 60_000);
  isOver.abort();
  await Promise.all(loops);
  const faults = await world.simulator.faultHits();
  await world.simulator.clearFaults();
  await customers.leave();

  const grown = { api: growth(memory.api), worker: growth(memory.worker) };
  console.log({
    outcomes: customers.outcomes,
    faults,
    grown,
    mib: { api: memory.api.at(-1), worker: memory.worker.at(-1) },
  });
  const { succeeded = 0, failed = 0 } = customers.creates;
  expect(succeeded + failed).toBe(customers.count);
  expect(customers.count).toBeGreaterThan(0.95 * MINUTES * 60 * A_SECOND);
  expect(succeeded).toBeGreaterThan(SUCCEED_MIN * customers.count);
  expect((await auditor.audit()).differences).toEqual([]);
  expect(await slate(world)).toEqual(before);
  expect(grown.api).toBeLessThan(GROWTH_MAX);
  expect(grown.worker).toBeLessThan(GROWTH_MAX);
});
