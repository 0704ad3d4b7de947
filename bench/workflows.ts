import { join } from "node:path";
import { Client, Connection, WithStartWorkflowOperation, type WorkflowHandle } from "@temporalio/client";
import { workflowTaskQueue } from "../src/domain/task-queues.ts";
import { encryptedDataConverter } from "../src/temporal/data-converter.ts";
import { temporalHealth } from "../src/temporal/health.ts";
import { type Installation, startInstallation, startNode } from "./installation.ts";
import { FIRST_STEP_DONE, NOOP_WORKFLOW, type NoopStep } from "./noop-contract.ts";
import type { Platform } from "./platform.ts";
import { type Measure, printMeasures } from "./report.ts";
import { median } from "./statistics.ts";
import { durationMs, type History, type Step, shapeOf, stepsOf } from "./workflow-history.ts";

const NAMESPACE = "cloudnexus";
const NOOP_PREFIX = "bench-noop";
const WARM_UP = 10;
const TURNS = 40;
const ROUNDS = 5;
const ROUND_SIZE = 60;
const CONCURRENCY = 12;

/**
 * (b) The create workflow on a simulator in which nothing takes time, against two workflows of as many steps that do nothing: one that has activities through a task queue for all of them, as workflows
 * mostly are written, and one that has them of the same kinds as the create, local where that has local ones.
 */
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
  const runs: Record<Kind, () => Promise<WorkflowHandle>> = {
    noop: () => noop(client, shape),
    plain: () => noop(client, Array<NoopStep>(shape.length).fill("regional")),
    create: () => create(cloudnexus, client),
  };
  for (let index = 0; index < WARM_UP; index++) await inTurn((kind) => runs[kind]());

  const histories: Record<Kind, History[]> = { noop: [], plain: [], create: [] };
  for (let turn = 0; turn < TURNS; turn++) {
    await inTurn(async (kind) => histories[kind].push(await (await runs[kind]()).fetchHistory()));
  }
  const rates: Record<Kind, number[]> = { noop: [], plain: [], create: [] };
  for (let round = 0; round < ROUNDS; round++) {
    await inTurn(async (kind) => rates[kind].push(await rate(runs[kind])));
  }

  const steps = { create: medianSteps(histories.create), noop: medianSteps(histories.noop) };
  const count = (kind: NoopStep) => shape.filter((step) => step === kind).length;
  const against = (kind: "plain" | "noop"): Measure[] => [
    {
      name: `one workflow, median of ${TURNS}`,
      unit: "ms",
      baseline: median(histories[kind].map(durationMs)),
      value: median(histories.create.map(durationMs)),
      aim: { atMost: 1.3 },
    },
    {
      name: `a second, ${CONCURRENCY} at once, median of ${ROUNDS} rounds of ${ROUND_SIZE}`,
      unit: "1/s",
      baseline: median(rates[kind]),
      value: median(rates.create),
      aim: { atLeast: 1 / 1.3 },
    },
  ];
  const title = `(b) ${shape.length} steps, zero latency: a workflow of as many`;
  printMeasures(`${title} activities that do nothing, the create`, against("plain"));
  const kinds = `local (${count("local")}) and regional (${count("regional")}) activities`;
  printMeasures(`${title} ${kinds} that do nothing, the create`, [
    ...against("noop"),
    ...steps.create.map(({ name, ms }, index) => ({
      name: `until ${name} had ended`,
      unit: "ms",
      baseline: steps.noop[index]?.ms ?? Number.NaN,
      value: ms,
    })),
  ]);
}

/** `plain`: with activities through a task queue only. */
type Kind = "noop" | "plain" | "create";

async function inTurn(run: (kind: Kind) => Promise<unknown>): Promise<void> {
  for (const kind of ["noop", "plain", "create"] as const) await run(kind);
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
