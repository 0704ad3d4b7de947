import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { stringify } from "yaml";
import { INCUS_SOCKET } from "../../scripts/platform/incus-daemon.ts";
import { STORAGE_POOL } from "../../scripts/platform/incus-region.ts";
import { freePort } from "../../scripts/platform/ports.ts";
import { run } from "../../scripts/platform/run.ts";
import { type Config, loadConfig } from "../../src/config/config.ts";
import { instanceName, volumeName } from "../../src/drivers/incus/instance-name.ts";
import { AMPLE_LIMITS_FILE } from "./ample-limits.ts";
import { ApiClient } from "./api-client.ts";
import { createTestDatabase, query, type TestDatabase } from "./database.ts";
import { E2E_REGIONS } from "./e2e-regions.ts";
import { enginesOffered } from "./engines-offered.ts";
import { spawnProcess, spawnWorker, type TestProcess } from "./processes.ts";
import { makeSshLogin } from "./ssh-login.ts";
import { API_KEY } from "./world.ts";

/** CloudNexus as it runs in production, on this machine's Incus: API and worker are processes of their own. */
export interface RealWorld {
  config: Readonly<Config>;
  /** What its processes are started with. */
  environment: Record<string, string>;
  api: ApiClient;
  sshKeyId: string;
  /** With `faults` it follows the fault plan that is there when an activity begins. It ends with the world. */
  startWorker(options?: { faults: boolean }): Promise<TestProcess>;
  /** A worker that has just started looks up what its regions have. */
  enginesOffered(): Promise<void>;
  /** Runs a command on the server, over SSH with the key of `sshKeyId`. */
  ssh(ipv4: string, command: string): Promise<string>;
  sql<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** What there is of this world's servers and databases: instances, volumes, leases, access rules, and what the rows hold. */
  inventory(): Promise<Record<string, string[]>>;
  close(): Promise<void>;
}

/** `restored`: instead of a new data folder and a new database. */
export async function createRealWorld(restored?: { dataDir: string; database: TestDatabase }): Promise<RealWorld> {
  const dataDir = restored?.dataDir ?? mkdtempSync(join(tmpdir(), "cn-real-"));
  const database = restored?.database ?? (await createTestDatabase());
  const port = await freePort();
  const environment = {
    PORT: String(port),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject("temporalAddress"),
    CLOUDNEXUS_TASK_QUEUE_PREFIX: `e2e-${process.pid}-${Date.now()}`,
    CLOUDNEXUS_DATA_DIR: dataDir,
    CLOUDNEXUS_CONFIG: join(dataDir, "cloudnexus.yaml"),
    CLOUDNEXUS_BOOTSTRAP_API_KEY: API_KEY,
    // Audits begin when a test asks for one.
    CLOUDNEXUS_AUDIT_SECONDS: "0",
    LOG_LEVEL: "info",
  };
  writeFileSync(environment.CLOUDNEXUS_CONFIG, stringify(e2eCatalog()));
  const config = loadConfig(environment);
  const server = await spawnProcess("src/server.ts", "api ready", environment);
  const api = new ApiClient(`http://127.0.0.1:${port}`, API_KEY);
  const login = await makeSshLogin(join(dataDir, `id_ed25519-${port}`));
  const key = await api.call("POST", "/v1/ssh_keys", { name: `e2e-${port}`, public_key: login.publicKey });
  const workers: TestProcess[] = [];

  return {
    config,
    environment,
    api,
    sshKeyId: key.body.data.id,
    async startWorker({ faults } = { faults: false }) {
      const worker = faults
        ? await spawnWorker({ config, environment })
        : await spawnProcess("src/worker.ts", "worker ready", environment);
      workers.push(worker);
      return worker;
    },
    enginesOffered: () =>
      enginesOffered(
        api,
        E2E_REGIONS.map(({ slug }) => slug),
      ),
    ssh: login.run,
    sql: (text, values) => query(database.url, text, values),
    async inventory() {
      const ids = await query<{ id: string }>(
        database.url,
        "SELECT id FROM servers UNION ALL SELECT id FROM databases",
      );
      const rows = await query<{ held: string }>(database.url, HELD_ROWS);
      return { ...(await hostInventory(ids.map(({ id }) => id))), rows: rows.map(({ held }) => held) };
    },
    async close() {
      for (const worker of workers) await worker.kill("SIGTERM");
      await server.kill("SIGTERM");
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What rows hold for a living server or database. */
const HELD_ROWS = `
  SELECT address AS held FROM ip_addresses WHERE resource_id IS NOT NULL
  UNION ALL SELECT 'capacity of ' || resource_id FROM capacity_reservations
  UNION ALL SELECT 'password of ' || database_id FROM database_credentials
  UNION ALL SELECT 'certificate of ' || database_id FROM database_certificates
  ORDER BY 1`;

/** What is on the host under the names of these servers and databases. */
async function hostInventory(ids: string[]): Promise<Record<string, string[]>> {
  const list = async (path: string) => JSON.parse(await run("incus", ["query", path])) as Record<string, string>[];
  const names = new Set(ids.flatMap((id) => [instanceName(id), volumeName(id)]));
  const ours = (objects: Record<string, string>[], key: string) =>
    objects.map((object) => object[key] ?? "").filter((name) => names.has(name));
  const instances: string[] = [];
  const volumes: string[] = [];
  const leases: string[] = [];
  for (const { project, network } of E2E_REGIONS) {
    instances.push(...ours(await list(`/1.0/instances?recursion=1&project=${project}`), "name"));
    const stored = await list(`/1.0/storage-pools/${STORAGE_POOL}/volumes?recursion=1&project=${project}`);
    volumes.push(...ours(stored, "name"));
    leases.push(...ours(await list(`/1.0/networks/${network}/leases?project=${project}`), "hostname"));
  }
  const accessLists = JSON.stringify(await list("/1.0/network-acls?recursion=1"));
  const accessRules = ids.filter((id) => accessLists.includes(id));
  // Incus tells them in no order of its own.
  return {
    instances: instances.sort(),
    volumes: volumes.sort(),
    leases: leases.sort(),
    accessRules: accessRules.sort(),
  };
}

/** The configuration of an installation on this machine's Incus. */
export function e2eCatalog(): object {
  return {
    // Tests poll far more often than customers do.
    ...AMPLE_LIMITS_FILE,
    default_image: "debian-12",
    regions: Object.fromEntries(
      E2E_REGIONS.map((region) => [
        region.slug,
        {
          name: region.name,
          endpoint: `unix://${INCUS_SOCKET}`,
          project: region.project,
          network: region.network,
          storage_pool: STORAGE_POOL,
          addresses: [`${region.firstAddress}-${region.lastAddress}`],
          gateway: region.gateway,
          prefix_length: region.prefixLength,
          nameservers: [region.gateway],
          images: { "debian-12": "cloudnexus/debian-12" },
        },
      ]),
    ),
    plans: {
      starter: { vcpus: 1, memory_mib: 512, disk_gib: 3, kinds: ["server"] },
      pro: { vcpus: 2, memory_mib: 1024, disk_gib: 4, kinds: ["server"] },
      standard: { vcpus: 1, memory_mib: 1024, disk_gib: 4, kinds: ["database"] },
    },
    images: { "debian-12": { name: "Debian 12" } },
  };
}
