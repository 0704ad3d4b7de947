import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Connection, ScheduleNotFoundError } from "@temporalio/client";
import { IllegalStateError } from "@temporalio/common";
import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { inject } from "vitest";
import { stringify } from "yaml";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { simulatorSocketPath } from "../../src/config/sandbox.ts";
import type { QuotaLimits } from "../../src/domain/quotas.ts";
import { AUDIT_SCHEDULE_ID, SWEEP_SCHEDULE_ID, syncEnginesScheduleId } from "../../src/domain/workflow-ids.ts";
import { type RunningApi, startApi } from "../../src/start-api.ts";
import { type RunningWorker, startWorker, type WorkerParts } from "../../src/start-worker.ts";
import { createLogger, type Logger } from "../../src/telemetry/logger.ts";
import { encryptedDataConverter } from "../../src/temporal/data-converter.ts";
import { installTemporalRuntime } from "../../src/temporal/runtime.ts";
import { AMPLE_LIMITS_FILE } from "./ample-limits.ts";
import { ApiClient } from "./api-client.ts";
import { createTestDatabase, query, type TestDatabase } from "./database.ts";
import { enginesOffered } from "./engines-offered.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

export const API_KEY = "cn_live_sk_testtesttesttesttesttesttesttest";
const REGIONS = { "us-east-1": "10.88", "eu-west-2": "10.89" };

export interface WorldOptions {
  /** Addresses of each region. */
  addresses?: number;
  capacity?: { vcpus: number; memory_mib: number; disk_gib: number };
  speed?: "instant" | "sandbox";
  /** Whether the regions have images of database engines; they do, unless they are told not to. */
  engineImages?: boolean;
  /** Of every account; more than any test needs, unless it says otherwise. */
  quotas?: Partial<QuotaLimits>;
  /** Of servers, besides those that every test has. */
  plans?: Record<string, { vcpus: number; memory_mib: number; disk_gib: number }>;
  /** Instead of one on the PostgreSQL of the run; it has the present schema. */
  database?: TestDatabase;
  /** Whether API and workers serve their metrics. */
  metrics?: boolean;
  /** Instead of a new one: keys, and `simulator.state`, are those that are in it. */
  dataDir?: string;
  /** host:port, instead of the Temporal of the run. */
  temporalAddress?: string;
  /** Gets every line that API and worker log, down to the finest. */
  logLines?: string[];
}

/** How a worker differs from those that every test has. */
export interface WorkerOptions extends Omit<WorkerParts, "interceptors"> {
  config?: Partial<Config>;
}

/**
 * A whole CloudNexus of the test's own: API, database, task queues and simulator. Real PostgreSQL, real Temporal, the real driver; only the hypervisor is
 * simulated.
 */
export interface World {
  config: Config;
  /** What a process of this world needs in its environment. */
  environment: Record<string, string>;
  simulator: Simulator;
  api: ApiClient;
  temporal: Client;
  /** A worker in this process; it is stopped with the world, unless it was before. */
  startWorker(interceptors?: ActivityInterceptorsFactory[], as?: WorkerOptions): Promise<RunningWorker>;
  /** A worker that has just started looks up what its regions have. */
  enginesOffered(): Promise<void>;
  sql<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

let worlds = 0;

/** A process has one Temporal runtime. It ends with its last worker, so each world has its own, unless worlds are there at once. */
function installRuntime(logger: Logger, metrics: boolean): void {
  try {
    installTemporalRuntime(logger, { metrics });
  } catch (error) {
    if (!(error instanceof IllegalStateError)) throw error;
  }
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "cn-world-"));
  const database = options.database ?? (await createTestDatabase());
  const environment = {
    PORT: "0",
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: options.temporalAddress ?? inject("temporalAddress"),
    CLOUDNEXUS_TASK_QUEUE_PREFIX: `test-${process.pid}-${++worlds}-${Date.now()}`,
    CLOUDNEXUS_DATA_DIR: dataDir,
    CLOUDNEXUS_CONFIG: join(dataDir, "cloudnexus.yaml"),
    CLOUDNEXUS_INFRASTRUCTURE: "sandbox",
    CLOUDNEXUS_BOOTSTRAP_API_KEY: API_KEY,
    // Many requests at once are no overload here, however slow the machine.
    CLOUDNEXUS_ACCEPT_WAIT_MS: "60000",
    // Audits begin when a test asks for one.
    CLOUDNEXUS_AUDIT_SECONDS: "0",
    ...(options.metrics ? { METRICS_PORT: "0" } : {}),
    LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "silent",
  };
  writeFileSync(environment.CLOUDNEXUS_CONFIG, stringify(catalog(options)));
  const config = loadConfig(environment);
  const simulator = await startSimulator({
    socket: simulatorSocketPath(dataDir),
    stateFile: join(dataDir, "simulator.state"),
    projects: Object.keys(REGIONS).map((region) => `cloudnexus-${region}`),
    networks: Object.entries(REGIONS).map(([region, prefix]) => `${networkOf(region)}=${prefix}.0.1/16`),
    images: ["cloudnexus/debian-12", "ubuntu/22.04/cloud"],
    engineImages: options.engineImages ?? true,
    ...(options.speed ? { speed: options.speed } : {}),
  });
  const { logLines } = options;
  const logger = logLines
    ? createLogger({ level: "trace", name: "test", stream: { write: (line) => void logLines.push(line) } })
    : createLogger({ level: config.logLevel, name: "test" });
  const api: RunningApi = await startApi(config, logger);
  const connection = await Connection.connect({ address: config.temporal.address });
  const workers = new Set<RunningWorker>();

  const client = new ApiClient(api.address, API_KEY);
  const temporal = new Client({
    connection,
    namespace: config.temporal.namespace,
    dataConverter: encryptedDataConverter(config.secrets.codecKeys),
  });

  return {
    config,
    environment,
    simulator,
    api: client,
    temporal,
    async startWorker(interceptors = [], { config: change, ...parts } = {}) {
      installRuntime(logger, config.metrics !== null);
      const worker = await startWorker({ ...config, ...change }, logger, { interceptors, ...parts });
      workers.add(worker);
      const stop = () => (workers.delete(worker) ? worker.stop() : Promise.resolve());
      return { ...worker, stop };
    },
    enginesOffered: () => enginesOffered(client, Object.keys(REGIONS)),
    sql: (text, values) => query(database.url, text, values),
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()));
      // A Temporal of the test's own ends with the test.
      if (options.temporalAddress === undefined) await deleteSchedules(temporal, config.temporal.taskQueuePrefix);
      await api.stop();
      await connection.close();
      await simulator.stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Those of worlds that are gone would keep the Temporal of the run busy: each would begin a sweep every ten seconds. */
async function deleteSchedules(temporal: Client, prefix: string): Promise<void> {
  const ids = [SWEEP_SCHEDULE_ID, AUDIT_SCHEDULE_ID, ...Object.keys(REGIONS).map(syncEnginesScheduleId)];
  const remove = (id: string) => temporal.schedule.getHandle(`${prefix}-${id}`).delete();
  for (const { reason } of (await Promise.allSettled(ids.map(remove))).filter(isRejected)) {
    // A world may have had no worker, and mostly no audits by a schedule.
    if (!(reason instanceof ScheduleNotFoundError)) throw reason;
  }
}

function isRejected(result: PromiseSettledResult<unknown>): result is PromiseRejectedResult {
  return result.status === "rejected";
}

function networkOf(region: string): string {
  return `cn${region.replaceAll("-", "")}`;
}

function catalog({ addresses = 50, capacity, quotas, plans = {} }: WorldOptions): object {
  const regions = Object.entries(REGIONS).map(([region, prefix]) => [
    region,
    {
      name: region,
      host: `host-of-${region}`,
      endpoint: "unix:///replaced-by-the-sandbox",
      project: `cloudnexus-${region}`,
      network: networkOf(region),
      storage_pool: "cloudnexus",
      addresses: [`${prefix}.0.10-${prefix}.${(9 + addresses) >> 8}.${(9 + addresses) & 255}`],
      gateway: `${prefix}.0.1`,
      prefix_length: 16,
      nameservers: [`${prefix}.0.1`],
      ...(capacity ? { capacity } : {}),
      images: { "ubuntu-22.04": "ubuntu/22.04/cloud", "debian-12": "cloudnexus/debian-12" },
    },
  ]);
  return {
    ...AMPLE_LIMITS_FILE,
    quotas: { ...AMPLE_LIMITS_FILE.quotas, ...quotas },
    default_image: "ubuntu-22.04",
    regions: Object.fromEntries(regions),
    plans: {
      starter: { vcpus: 1, memory_mib: 512, disk_gib: 10, kinds: ["server"] },
      pro: { vcpus: 2, memory_mib: 2048, disk_gib: 40, kinds: ["server"] },
      standard: { vcpus: 1, memory_mib: 1024, disk_gib: 20, kinds: ["database"] },
      ...Object.fromEntries(Object.entries(plans).map(([slug, size]) => [slug, { ...size, kinds: ["server"] }])),
    },
    images: { "ubuntu-22.04": { name: "Ubuntu 22.04 LTS" }, "debian-12": { name: "Debian 12" } },
  };
}
