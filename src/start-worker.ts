import { type ActivityInterceptorsFactory, NativeConnection } from "@temporalio/worker";
import { regionActivities, storeActivities } from "../activities/index.ts";
import { computeRegions } from "./compute-regions.ts";
import type { Config } from "./config/config.ts";
import { AUDIT_CLASSES } from "./domain/audit-classes.ts";
import { HELD_MESSAGE } from "./domain/hold.ts";
import { startMetrics } from "./start-metrics.ts";
import { SecretBox } from "./store/secret-box.ts";
import { openStore } from "./store/store.ts";
import { ActionMetrics } from "./telemetry/action-metrics.ts";
import { observeAudits } from "./telemetry/audit-metrics.ts";
import type { Logger } from "./telemetry/logger.ts";
import { createRegistry, observeHeldActions, observePool, observeRunningActions } from "./telemetry/metrics.ts";
import { lazyTemporalClient } from "./temporal/client.ts";
import { encryptedDataConverter } from "./temporal/data-converter.ts";
import { keepEquipped } from "./temporal/equipment.ts";
import { gateBefore } from "./temporal/gate.ts";
import { HoldsInForce } from "./temporal/holds-in-force.ts";
import { patiently } from "./temporal/patience.ts";
import { lookUpEngines } from "./temporal/schedules.ts";
import { readSdkMetrics, sdkMetricsAddress } from "./temporal/sdk-metrics.ts";
import { logSteps } from "./temporal/step-log.ts";
import { countSteps } from "./temporal/step-metrics.ts";
import { StepNotes } from "./temporal/step-notes.ts";
import { StepRecorder } from "./temporal/step-recorder.ts";
import { taskFailureMetrics } from "./temporal/task-failures.ts";
import { ensureCurrentBuild } from "./temporal/worker-fleet.ts";
import { createWorkers } from "./temporal/workers.ts";
import { type WorkflowBundle, workflowBundle } from "./temporal/workflow-bundle.ts";
import { temporalWorkflowControl } from "./temporal/workflow-control.ts";

const POOL_SIZE = 30;
const SHUTDOWN_GRACE_MS = 10_000;

export interface RunningWorker {
  /** Rejects if a worker fails; resolves after `stop`. */
  running: Promise<void>;
  /** `http://host:port/metrics`; null where METRICS_PORT is not set. */
  metricsAddress: string | null;
  /** Lets running activities finish, for 10 s at most, then closes everything. */
  stop(): Promise<void>;
}

export interface WorkerParts {
  /** Go innermost, around the activity itself. */
  interceptors?: ActivityInterceptorsFactory[];
  /** Instead of the workflows of this checkout. */
  workflowBundle?: WorkflowBundle;
}

/** The worker: runs the workflows and, for the regions it serves, the activities that touch infrastructure. */
export async function startWorker(config: Config, logger: Logger, parts: WorkerParts = {}): Promise<RunningWorker> {
  const store = openStore({
    databaseUrl: config.databaseUrl,
    maxConnections: POOL_SIZE,
    onConnectionError: (err) => logger.warn({ err }, "a database connection broke"),
  });
  const { taskQueuePrefix, namespace, address } = config.temporal;
  const [bundle, connection] = await Promise.all([
    parts.workflowBundle ?? workflowBundle(),
    connectPatiently(address, logger),
  ]);
  const client = lazyTemporalClient(config.temporal, config.secrets.codecKeys);
  const secretBox = new SecretBox(config.secrets.credentialKey);
  const compute = computeRegions(config, secretBox);
  const stepNotes = new StepNotes((...steps) => store.actions.noteSteps(...steps), logger);
  const recordSteps: ActivityInterceptorsFactory = (context) => ({ inbound: new StepRecorder(context, stepNotes) });
  const gate = gateBefore({
    regions: config.catalog.regions,
    holds: new HoldsInForce(() => store.holds.inForce()),
    noteWait: ({ actionId }, step, { id: holdId }) =>
      store.transaction(async ({ gateWaits, actions }) => {
        const waits = await gateWaits.add({ actionId, holdId, step });
        if (waits) await actions.noteSteps(actionId, { [step]: { message: HELD_MESSAGE } });
        return waits;
      }),
  });
  const registry = createRegistry();
  observePool(registry, () => store.poolUsage());
  observeRunningActions(registry, () => store.actions.countRunning());
  observeHeldActions(registry, Object.keys(config.catalog.regions), () => store.gateWaits.countHeld());
  observeAudits(registry, () => store.audits.latestOf(Object.keys(config.catalog.regions), AUDIT_CLASSES));
  const buildId = config.versioning && (config.versioning.buildId ?? bundle.hash);
  const workers = await createWorkers({
    connection,
    namespace,
    taskQueuePrefix,
    workflowBundle: bundle,
    dataConverter: encryptedDataConverter(config.secrets.codecKeys),
    storeActivities: storeActivities(
      store,
      config,
      secretBox,
      temporalWorkflowControl(client, taskQueuePrefix, config.deadlineSeconds),
    ),
    regionActivities: Object.fromEntries(
      Object.entries(compute).map(([region, parts]) => [region, regionActivities(store, config.catalog, parts)]),
    ),
    interceptors: [gate, logSteps, countSteps(new ActionMetrics(registry)), recordSteps, ...(parts.interceptors ?? [])],
    buildId,
    shutdownGraceMs: SHUTDOWN_GRACE_MS,
  });
  if (buildId !== null) {
    const current = await patiently(() => ensureCurrentBuild(client, taskQueuePrefix, buildId), logger);
    logger.info({ build_id: buildId, current_build_id: current }, "workers are versioned");
  }
  const regions = Object.keys(compute);
  const settings = { regions, auditMs: config.auditMs, buildId };
  const equipment = await patiently(() => keepEquipped(client, taskQueuePrefix, settings, logger), logger);
  await patiently(() => lookUpEngines(client, taskQueuePrefix, regions), logger);

  const sdkMetrics = sdkMetricsAddress();
  const more = sdkMetrics === null ? {} : { more: () => withTaskFailures(readSdkMetrics(sdkMetrics)) };
  const metricsServer = await startMetrics(config, { registry, logger, ...more });
  const running = workers.run();
  return {
    running,
    metricsAddress: metricsServer?.address ?? null,
    async stop() {
      await equipment.stop();
      workers.shutdown();
      await running;
      await stepNotes.flushAll();
      await metricsServer?.close();
      await Promise.all(Object.values(compute).map(({ driver }) => driver.close()));
      await client.connection.close();
      await connection.close();
      await store.close();
    },
  };
}

async function withTaskFailures(sdkMetrics: Promise<string>): Promise<string> {
  const text = await sdkMetrics;
  return `${taskFailureMetrics(text)}${text}`;
}

/** A worker that starts before its Temporal server waits for it. */
function connectPatiently(address: string, logger: Logger): Promise<NativeConnection> {
  return patiently(() => NativeConnection.connect({ address }), logger.child({ address }), { passes: () => true });
}
