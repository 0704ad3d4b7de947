import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { type CloudNexusClient, RefusedError } from "./client.ts";
import { startInstallation } from "./installation.ts";
import type { Platform } from "./platform.ts";
import { type Measure, printMeasures } from "./report.ts";
import { percentile } from "./statistics.ts";

const WARM_UP_SECONDS = 5;
const STEADY = { perSecond: 4, seconds: 20 };
const BURST = { perSecond: 20, seconds: 10 };
/** How many clients that wait for each answer are tried, to find the most that is accepted a second. */
const PEAK_LANES = [8, 16, 32];
const PEAK_SECONDS = 8;
const OVERLOAD_TIMES = 3;
const DRAIN_POLL_MS = 100;
/** What an overloaded API answers. */
const REFUSALS: ReadonlySet<number> = new Set([429, 503]);

interface Answer {
  accepted: boolean;
  /** From the moment at which the request was due. */
  ms: number;
  /** From the start of the load. */
  endedMs: number;
}

/** (f) How fast creates are accepted: at a steady rate, in a burst that is more than the worker finishes, and at three times what can be accepted. */
export async function benchAccepting(platform: Platform): Promise<void> {
  const { client, databaseUrl } = await startInstallation(platform, {
    name: "accepting",
    infrastructure: "sandbox",
    addresses: ["10.88.16.0-10.88.200.255"],
  });
  await closedLoop(client, { lanes: 4, seconds: WARM_UP_SECONDS });
  await drain(databaseUrl);

  const steady = await openLoop(client, STEADY);
  await drain(databaseUrl);
  const burst = await openLoop(client, BURST);
  const drainMs = await drain(databaseUrl);

  let peak = 0;
  for (const lanes of PEAK_LANES) {
    peak = Math.max(peak, acceptedPerSecond(await closedLoop(client, { lanes, seconds: PEAK_SECONDS })));
    await drain(databaseUrl);
  }
  const overload = { perSecond: peak * OVERLOAD_TIMES, seconds: PEAK_SECONDS };
  const answers = await openLoop(client, overload);
  const accepted = answers.filter((answer) => answer.accepted);
  const refused = answers.filter((answer) => !answer.accepted);
  await drain(databaseUrl);

  printMeasures("(f) creates accepted, zero latency: alone, and under load", [
    ...latencies(`steady ${STEADY.perSecond} a second`, steady),
    ...latencies(`${BURST.perSecond} a second for ${BURST.seconds} s`, burst, { atMost: 500 }),
    { name: "until all of them were active", unit: "s", value: drainMs / 1_000 },
    { name: "accepted a second, the most", unit: "1/s", value: peak },
    {
      name: `accepted a second of ${overload.perSecond.toFixed(0)} asked`,
      unit: "1/s",
      baseline: peak,
      value: acceptedPerSecond(answers),
      aim: { atLeast: 0.9 },
    },
    { name: "accepted, 99th percentile", unit: "ms", value: percentile(times(accepted), 99) },
    { name: "refused, 99th percentile", unit: "ms", value: percentile(times(refused), 99), aim: { atMost: 50 } },
  ]);
}

function latencies(load: string, answers: Answer[], aim?: { atMost: number }): Measure[] {
  const refused = answers.filter(({ accepted }) => !accepted).length;
  if (refused > 0) throw new Error(`${refused} creates were refused at ${load}`);
  return [
    { name: `${load}: until the answer, median`, unit: "ms", value: percentile(times(answers), 50) },
    {
      name: `${load}: until the answer, 99th percentile`,
      unit: "ms",
      value: percentile(times(answers), 99),
      ...(aim && { aim }),
    },
  ];
}

function times(answers: Answer[]): number[] {
  return answers.map(({ ms }) => ms);
}

function acceptedPerSecond(answers: Answer[]): number {
  const ended = answers.filter(({ accepted }) => accepted).map(({ endedMs }) => endedMs);
  return (ended.length * 1_000) / Math.max(...ended);
}

/** Requests at a fixed rate, whether or not the ones before were answered. */
async function openLoop(client: CloudNexusClient, load: { perSecond: number; seconds: number }): Promise<Answer[]> {
  const startMs = performance.now();
  const answers: Promise<Answer>[] = [];
  for (let index = 0; index < load.perSecond * load.seconds; index++) {
    const dueMs = startMs + (index * 1_000) / load.perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await setTimeout(waitMs);
    answers.push(ask(client, startMs, dueMs));
  }
  return Promise.all(answers);
}

/** Clients that each ask again as soon as they were answered. */
async function closedLoop(client: CloudNexusClient, load: { lanes: number; seconds: number }): Promise<Answer[]> {
  const startMs = performance.now();
  const answers: Answer[] = [];
  const lane = async () => {
    while (performance.now() - startMs < load.seconds * 1_000) {
      answers.push(await ask(client, startMs, performance.now()));
    }
  };
  await Promise.all(Array.from({ length: load.lanes }, lane));
  return answers;
}

let names = 0;

async function ask(client: CloudNexusClient, startMs: number, dueMs: number): Promise<Answer> {
  let accepted = true;
  try {
    await client.createServer(`bench-${++names}`);
  } catch (error) {
    if (!(error instanceof RefusedError) || !REFUSALS.has(error.status)) throw error;
    accepted = false;
  }
  const nowMs = performance.now();
  return { accepted, ms: nowMs - dueMs, endedMs: nowMs - startMs };
}

/** Waits until nothing that was accepted is under way any more; returns how long that took. It asks the database, so as to leave the API alone. */
async function drain(databaseUrl: string): Promise<number> {
  const startMs = performance.now();
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    for (;;) {
      const { rows } = await database.query<{ running: string }>(
        "SELECT count(*) AS running FROM actions WHERE status = 'running'",
      );
      if (Number(rows[0]?.running) === 0) break;
      await setTimeout(DRAIN_POLL_MS);
    }
    const { rows } = await database.query("SELECT 1 FROM servers WHERE status <> 'active' LIMIT 1");
    if (rows.length > 0) throw new Error("an accepted server did not become active");
  } finally {
    await database.end();
  }
  return performance.now() - startMs;
}
