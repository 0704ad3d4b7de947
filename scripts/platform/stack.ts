import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CatalogConfig, readCatalog } from "../../src/config/catalog.ts";
import { simulatorSocketPath } from "../../src/config/sandbox.ts";
import { migrate } from "../../src/store/migrate.ts";
import { type BackgroundProcess, type Priority, startInBackground } from "./background-process.ts";
import { lockDataDir } from "./data-lock.ts";
import { freePort } from "./ports.ts";
import { startPostgres } from "./postgres.ts";
import type { Processes } from "./processes.ts";
import type { Progress } from "./progress.ts";
import { dataDirOf, type Settings } from "./settings.ts";
import { startTemporalServer } from "./temporal-server.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READY_TIMEOUT_MS = 90_000;
/** Longer than the processes give themselves (src/process.ts). */
const STOP_TIMEOUT_MS = 30_000;
const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;
/** Of the API; the worker has the next one. */
const METRICS_PORT = 9464;

export interface StackOptions {
  settings: Settings;
  infrastructure: "sandbox" | "incus";
  configFile: string;
  processes: Processes;
  progress: Progress;
  /** False: nothing is installed on the system, whatever is missing. */
  mayChangeSystem: boolean;
}

export interface Stack {
  apiAddress: string;
  /** Where Prometheus reads API and worker. */
  metricsAddresses: { api: string; worker: string };
  /** Null where Temporal is not ours. */
  temporalUiAddress: string | null;
  dataDir: string;
  catalog: CatalogConfig;
  /** Null if the key is known to its owner only. */
  apiKey: string | null;
  /** True if this run made the key. */
  isApiKeyNew: boolean;
  isApiKeyInFile: boolean;
  apiKeyFile: string;
}

/** Starts databases, Temporal, simulator, worker and API on one data folder, and waits until the API says that it is ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { settings, infrastructure, configFile, processes, progress } = options;
  const catalog = readCatalog(configFile);
  const dataDir = dataDirOf(settings, infrastructure);
  const unlock = await lockDataDir(dataDir);
  processes.defer("the lock of the data folder", unlock);
  const listener = await chooseListener();

  const databaseUrl = settings.databaseUrl ?? (await ownPostgres(options, dataDir));
  await progress.step("Bring the database to the present schema", () => migrate(databaseUrl));
  const temporal = await ownTemporal(options, dataDir);
  const environment = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: settings.temporalAddress ?? temporal?.address,
    CLOUDNEXUS_DATA_DIR: dataDir,
    CLOUDNEXUS_CONFIG: configFile,
    CLOUDNEXUS_INFRASTRUCTURE: infrastructure,
    CLOUDNEXUS_BOOTSTRAP_API_KEY: settings.bootstrapApiKey ?? undefined,
    HOST: listener.host,
    PORT: String(listener.port),
  };
  if (infrastructure === "sandbox") await startSimulator(options, dataDir, catalog);

  const apiKeyFile = join(dataDir, "bootstrap-api-key");
  const hadKey = existsSync(apiKeyFile);
  const apiAddress = `http://${reachableHost(listener.host)}:${listener.port}`;
  const metrics = await chooseMetricsPorts();
  const start = async (title: "api" | "worker", file: string, hasStarted: () => Promise<boolean>) => {
    const withMetrics = { ...environment, METRICS_HOST: "127.0.0.1", METRICS_PORT: String(metrics[title]) };
    // Whoever called the API waits for its answer; the work that was accepted can.
    const priority: Priority = title === "api" ? "above normal" : "below normal";
    const options = { env: withMetrics, hasStarted, priority };
    processes.watch(`the ${title}`, await startNode(title, [file], dataDir, options));
  };
  // The API is ready when it has a worker, too. Their logs do not tell: LOG_LEVEL may keep them silent.
  const hasStarted = () => isApiReady(apiAddress);
  await progress.step("Start worker and API", () =>
    Promise.all([start("worker", "src/worker.ts", hasStarted), start("api", "src/server.ts", hasStarted)]),
  );
  const fromFile = existsSync(apiKeyFile) ? (await readFile(apiKeyFile, "utf8")).trim() : null;
  const apiKey = settings.bootstrapApiKey ?? fromFile;
  return {
    apiAddress,
    metricsAddresses: { api: metricsAddress(metrics.api), worker: metricsAddress(metrics.worker) },
    temporalUiAddress: temporal?.uiAddress ?? null,
    dataDir,
    catalog: { ...catalog, infrastructure },
    apiKey,
    isApiKeyNew: settings.bootstrapApiKey === null && !hadKey && fromFile !== null,
    isApiKeyInFile: apiKey !== null && apiKey === fromFile,
    apiKeyFile,
  };
}

/** The listener is decided here, so that a taken port is one clear line before anything starts. */
async function chooseListener(): Promise<{ host: string; port: number }> {
  const host = process.env["HOST"] || "127.0.0.1";
  const wanted = Number(process.env["PORT"] || 8080);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535)
    throw new Error("PORT: must be a number from 0 to 65535");
  const port = await freePort(wanted);
  if (wanted !== 0 && port !== wanted) throw new Error(`PORT: ${wanted} is in use, set another one`);
  return { host, port };
}

/** METRICS_PORT and the one after it, or others where those are in use. Where the API may have any port, so may they. */
async function chooseMetricsPorts(): Promise<{ api: number; worker: number }> {
  const wanted = Number(process.env["METRICS_PORT"] || (process.env["PORT"] === "0" ? 0 : METRICS_PORT));
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_534)
    throw new Error("METRICS_PORT: must be a number from 0 to 65534");
  const api = await freePort(wanted);
  return { api, worker: await freePort(wanted === 0 ? 0 : api + 1) };
}

function metricsAddress(port: number): string {
  return `http://127.0.0.1:${port}/metrics`;
}

async function ownPostgres({ progress, processes }: StackOptions, dataDir: string): Promise<string> {
  const postgres = await progress.step("Start PostgreSQL", () => startPostgres({ dataDir }));
  if (postgres.background) processes.watch("PostgreSQL", postgres.background);
  else processes.defer("PostgreSQL", postgres.stop);
  return postgres.url;
}

async function ownTemporal({ settings, progress, processes, mayChangeSystem }: StackOptions, dataDir: string) {
  if (settings.temporalAddress !== null) return null;
  const namespace = settings.temporalNamespace;
  const ports = { port: TEMPORAL_PORT, uiPort: TEMPORAL_UI_PORT };
  const temporal = await progress.step("Start the Temporal development server", () =>
    startTemporalServer({ dataDir, namespace, progress, mayInstallGo: mayChangeSystem, ...ports }),
  );
  processes.watch("the Temporal server", temporal.background);
  if (!temporal.address.endsWith(`:${TEMPORAL_PORT}`)) {
    progress.note(`port ${TEMPORAL_PORT} is in use: Temporal listens on ${temporal.address}`);
  }
  return temporal;
}

async function startSimulator(
  { progress, processes }: StackOptions,
  dataDir: string,
  catalog: CatalogConfig,
): Promise<void> {
  const regions = catalog.infrastructures;
  const aliases = new Set(Object.values(catalog.catalog.regions).flatMap((region) => Object.values(region.images)));
  const socket = simulatorSocketPath(dataDir);
  const args = [
    ...["simulator/main.ts", "--socket", socket, "--state", join(dataDir, "simulator-state"), "--speed", "sandbox"],
    ...regions.flatMap((region) => ["--project", region.project]),
    ...regions.flatMap((region) => ["--network", `${region.network}=${region.gateway}/${region.prefixLength}`]),
    ...[...new Set(regions.map((region) => region.storagePool))].flatMap((pool) => ["--pool", pool]),
    ...[...aliases].flatMap((alias) => ["--image", alias]),
    "--engine-images",
  ];
  await progress.step("Start the simulated infrastructure", async () => {
    const hasStarted = (log: string) => Promise.resolve(log.includes("simulator ready"));
    processes.watch("the simulator", await startNode("simulator", args, dataDir, { hasStarted }));
  });
}

interface NodeOptions {
  env?: Record<string, string | undefined>;
  /** Asked with what the process has logged so far. */
  hasStarted: (log: string) => Promise<boolean>;
  priority?: Priority | undefined;
}

async function startNode(
  title: string,
  args: string[],
  dataDir: string,
  { env = {}, hasStarted, priority }: NodeOptions,
): Promise<BackgroundProcess> {
  return await startInBackground({
    title: `the ${title}`,
    program: process.execPath,
    args: ["--import", "tsx", ...args],
    cwd: ROOT,
    env,
    logFile: join(dataDir, `logs/${title}.log`),
    isReady: (log) => hasStarted(log.text()),
    readyTimeoutMs: READY_TIMEOUT_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    priority,
  });
}

async function isApiReady(apiAddress: string): Promise<boolean> {
  try {
    const response = await fetch(`${apiAddress}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return response.ok;
  } catch {
    return false;
  }
}

/** Who listens on all addresses is reached on the loopback one. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
