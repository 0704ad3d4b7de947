import { join } from "node:path";
import { Client, Connection, WithStartWorkflowOperation, type WorkflowHandle } from "@temporalio/client";
import { workflowTaskQueue } from "../src/domain/task-queues.ts";
import { encryptedDataConverter } from "../src/temporal/data-converter.ts";
import { temporalHealth } from "../src/temporal/health.ts";
import { type Installation, startInstallation, startNode } from "./installation.ts";
import { FIRST_STEP_DONE, NOOP_WORKFLOW, type NoopStep } from "./noop-contract.ts";
import type { Platform } from "./platform.ts";
import { printMeasures } from "./report.ts";
import { median } from "./statistics.ts";
import { durationMs, type History, type Step, shapeOf, stepsOf } from "./workflow-history.ts";

const NAMESPACE = "cloudnexus";
const NOOP_PREFIX = "bench-noop";
const WARM_UP = 10;
const PAIRS = 40;
const ROUNDS = 5;
const ROUND_SIZE = 60;
const CONCURRENCY = 12;

/** (b) The create workflow on a simulator in which nothing takes time, against a workflow of as many steps of the same kinds that does nothing. */
export async function benchWorkflows(platform: Platform): Promise<void> {
  const cloudnexus = await startInstallation(platform, {
    name: "workflows",
    infrastructure: "sandbox",
    addresses: ["10.88.16.0-10.88.31.255"],
  });
  const connection = await Connection.connect({ address: platform.temporalAddress });
  const dataConverter = encryptedDataConverter([platform.codecKey]);
  const client = new Client({ connection, namespace: NAMESPACE, dataConverter });
  platform.cleanup.add("close the connection to Temporal", () => connection.close());
  await startNode(platform, {
    title: "the no-op worker",
    file: "bench/noop-worker.ts",
    args: [platform.temporalAddress, NAMESPACE, NOOP_PREFIX, join(platform.dataDir, "noop-bundle.js")],
    environment: { CLOUDNEXUS_CODEC_KEY: platform.codecKey.toString("base64") },
    priority: "below normal",
    isReady: () => temporalHealth(client, NOOP_PREFIX).hasWorkflowPollers(),
  });

  const shape = shapeOf(await (await create(cloudnexus, client)).fetchHistory());
  const run = { create: () => create(cloudnexus, client), noop: () => noop(client, shape) };
  for (let index = 0; index < WARM_UP; index++) {
    await run.create();
    await run.noop();
  }

  const latencies = await inTurn(run);
  const rates = { create: [] as number[], noop: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.noop.push(await rate(run.noop));
    rates.create.push(await rate(run.create));
  }
  const count = (kind: NoopStep) => shape.filter((step) => step === kind).length;
  const title = `(b) ${shape.length} steps (${count("local")} local, ${count("regional")} regional), zero latency`;
  printMeasures(`${title}: a workflow that does nothing, the create`, [
    {
      name: `one workflow, median of ${PAIRS}`,
      unit: "ms",
      baseline: median(latencies.noop),
      value: median(latencies.create),
      aim: { atMost: 1.3 },
    },
    {
      name: `a second, ${CONCURRENCY} at once, median of ${ROUNDS} rounds of ${ROUND_SIZE}`,
      unit: "1/s",
      baseline: median(rates.noop),
      value: median(rates.create),
      aim: { atLeast: 1 / 1.3 },
    },
    ...latencies.steps.create.map(({ name, ms }, index) => ({
      name: `until ${name} had ended`,
      unit: "ms",
      baseline: latencies.steps.noop[index]?.ms ?? Number.NaN,
      value: ms,
    })),
  ]);
}

async function inTurn(run: { create: () => Promise<WorkflowHandle>; noop: () => Promise<WorkflowHandle> }) {
  const histories = { create: [] as History[], noop: [] as History[] };
  for (let pair = 0; pair < PAIRS; pair++) {
    histories.noop.push(await (await run.noop()).fetchHistory());
    histories.create.push(await (await run.create()).fetchHistory());
  }
  return {
    create: histories.create.map(durationMs),
    noop: histories.noop.map(durationMs),
    steps: { create: medianSteps(histories.create), noop: medianSteps(histories.noop) },
  };
}

function medianSteps(histories: History[]): Step[] {
  const all = histories.map(stepsOf);
  return (all[0] ?? []).map(({ name }, index) => ({
    name,
    ms: median(all.map((steps) => steps[index]?.ms ?? Number.NaN)),
  }));
}

/** Workflows a second, each started as soon as one of those under way has ended. */
async function rate(start: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  let left = ROUND_SIZE;
  const lane = async () => {
    while (left-- > 0) await start();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  return (ROUND_SIZE * 1_000) / (performance.now() - startedMs);
}

let names = 0;

/** A create through the API, from the POST to the end of its workflow. */
async function create({ client: api }: Installation, client: Client): Promise<WorkflowHandle> {
  const server = await api.createServer(`bench-${++names}`);
  const handle = client.workflow.getHandle(`create-server/${server.id}/1`);
  await handle.result();
  return handle;
}

/** Started and asked as a create is. */
async function noop(client: Client, shape: NoopStep[]): Promise<WorkflowHandle> {
  const start = new WithStartWorkflowOperation(NOOP_WORKFLOW, {
    workflowId: `${NOOP_PREFIX}/${++names}`,
    taskQueue: workflowTaskQueue(NOOP_PREFIX),
    args: [shape],
    workflowIdConflictPolicy: "USE_EXISTING",
  });
  await client.workflow.executeUpdateWithStart(FIRST_STEP_DONE, { startWorkflowOperation: start });
  const handle = await start.workflowHandle();
  await handle.result();
  return handle;
}
