import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { stringify } from "yaml";
import { type Priority, startInBackground } from "../scripts/platform/background-process.ts";
import { INCUS_SOCKET } from "../scripts/platform/incus-daemon.ts";
import { LOCAL_REGIONS, STORAGE_POOL } from "../scripts/platform/incus-region.ts";
import { freePort, isListening } from "../scripts/platform/ports.ts";
import { simulatorSocketPath } from "../src/config/sandbox.ts";
import { newApiToken } from "../src/domain/api-token.ts";
import { CloudNexusClient } from "./client.ts";
import type { Platform } from "./platform.ts";

export const IMAGE = "debian-12";
export const IMAGE_ALIAS = "cloudnexus/debian-12";
export const PLAN = { vcpus: 1, memoryMib: 512, diskGib: 10 };
export const DATABASE_PLAN = { vcpus: 1, memoryMib: 1024, diskGib: 4 };
const AMPLE = { points: 1_000_000_000, seconds: 3_600 };
const READY_TIMEOUT_MS = 60_000;

const [localRegion] = LOCAL_REGIONS;
if (!localRegion) throw new Error("BUG: there is no local region");
export const REGION = localRegion;

export interface InstallationOptions {
  /** Names its database, task queues and data folder. */
  name: string;
  infrastructure: "incus" | "sandbox";
  /** Addresses or ranges that servers get theirs from. */
  addresses: string[];
}

/** A CloudNexus of its own: an API process and a worker process, the latter stoppable apart; in the sandbox also a simulator in which nothing takes time. */
export interface Installation {
  client: CloudNexusClient;
  databaseUrl: string;
  taskQueuePrefix: string;
  stopWorker: () => Promise<void>;
}

export async function startInstallation(platform: Platform, options: InstallationOptions): Promise<Installation> {
  const dataDir = join(platform.dataDir, options.name);
  mkdirSync(dataDir);
  const configFile = join(dataDir, "cloudnexus.yaml");
  writeFileSync(configFile, stringify(catalog(options.addresses)));
  const [databaseUrl, port] = [await platform.createDatabase(options.name), await freePort()];
  const apiKey = newApiToken();
  const client = new CloudNexusClient(`http://127.0.0.1:${port}`, apiKey);
  const environment = {
    PORT: String(port),
    HOST: "127.0.0.1",
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: platform.temporalAddress,
    TEMPORAL_NAMESPACE: "cloudnexus",
    CLOUDNEXUS_TASK_QUEUE_PREFIX: `bench-${options.name}`,
    CLOUDNEXUS_DATA_DIR: dataDir,
    CLOUDNEXUS_CONFIG: configFile,
    CLOUDNEXUS_INFRASTRUCTURE: options.infrastructure,
    CLOUDNEXUS_BOOTSTRAP_API_KEY: apiKey,
    CLOUDNEXUS_CODEC_KEY: platform.codecKey.toString("base64"),
    LOG_LEVEL: "info",
  };

  if (options.infrastructure === "sandbox") await startSimulator(platform, dataDir);
  await startNode(platform, {
    title: "the API",
    file: "src/server.ts",
    environment,
    isReady: () => isListening(port),
    priority: "above normal",
  });
  const worker = await startNode(platform, {
    title: "the worker",
    file: "src/worker.ts",
    environment,
    isReady: () => client.isReady(),
    priority: "below normal",
  });
  return {
    client,
    databaseUrl,
    taskQueuePrefix: environment.CLOUDNEXUS_TASK_QUEUE_PREFIX,
    stopWorker: () => worker.stop(),
  };
}

interface NodeProcess {
  title: string;
  file: string;
  args?: string[];
  environment?: Record<string, string>;
  isReady: () => Promise<boolean>;
  /** As `npm start` gives it to such a process. */
  priority?: Priority;
}

/** A process of ours, as in production but for its log, which goes nowhere. It ends with the benchmark. */
export async function startNode(platform: Platform, options: NodeProcess): Promise<{ stop: () => Promise<void> }> {
  const { profileDir } = platform;
  const profiler = profileDir === null ? [] : ["--cpu-prof", "--cpu-prof-dir", profileDir];
  const started = await startInBackground({
    title: options.title,
    program: process.execPath,
    args: [...profiler, "--import", "tsx", options.file, ...(options.args ?? [])],
    ...(options.environment ? { env: options.environment } : {}),
    logFile: "/dev/null",
    isReady: options.isReady,
    readyTimeoutMs: READY_TIMEOUT_MS,
    stopTimeoutMs: 20_000,
    priority: options.priority,
  });
  platform.cleanup.add(`stop ${options.title}`, () => started.stop());
  return started;
}

async function startSimulator(platform: Platform, dataDir: string): Promise<void> {
  const socket = simulatorSocketPath(dataDir);
  await startNode(platform, {
    title: "the simulator",
    file: "simulator/main.ts",
    args: [
      ...["--socket", socket, "--state", join(dataDir, "simulator.state"), "--speed", "instant"],
      ...["--project", REGION.project, "--network", `${REGION.network}=${REGION.gateway}/16`],
      ...["--pool", STORAGE_POOL, "--image", IMAGE_ALIAS],
    ],
    isReady: () => Promise.resolve(existsSync(socket)),
  });
}

function catalog(addresses: string[]): object {
  return {
    // What is measured is the API, not how soon it refuses.
    rate_limits: { key_burst: AMPLE, key_sustained: AMPLE, delete_reserve: AMPLE },
    quotas: {
      servers: 1_000_000,
      databases: 1_000_000,
      vcpus: 1_000_000,
      memory_mib: 1_000_000_000,
      addresses: 1_000_000,
    },
    default_image: IMAGE,
    regions: {
      [REGION.slug]: {
        name: REGION.name,
        endpoint: `unix://${INCUS_SOCKET}`,
        project: REGION.project,
        network: REGION.network,
        storage_pool: STORAGE_POOL,
        addresses,
        gateway: REGION.gateway,
        prefix_length: REGION.prefixLength,
        nameservers: [REGION.gateway],
        images: { [IMAGE]: IMAGE_ALIAS },
      },
    },
    plans: {
      starter: planOf(PLAN, "server"),
      standard: planOf(DATABASE_PLAN, "database"),
    },
    images: { [IMAGE]: { name: "Debian 12" } },
  };
}

function planOf({ vcpus, memoryMib, diskGib }: typeof PLAN, kind: string): object {
  return { vcpus, memory_mib: memoryMib, disk_gib: diskGib, kinds: [kind] };
}

/** The account that everything of the installation belongs to. */
export async function onlyAccount(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM accounts");
    return rows[0]?.id ?? "";
  } finally {
    await client.end();
  }
}
