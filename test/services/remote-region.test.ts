import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";
import { freePort } from "../../scripts/platform/ports.ts";
import { type Identity, selfSigned } from "../drivers/certificates.ts";
import { AMPLE_LIMITS_FILE } from "../support/ample-limits.ts";
import { ApiClient } from "../support/api-client.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { spawnProcess, type TestProcess } from "../support/processes.ts";
import { RemoteEndpoint } from "../support/remote-endpoint.ts";
import { type Simulator, startSimulator } from "../support/simulator.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY } from "../support/world.ts";

/**
 * A region whose Incus is reached over https only, with a worker of its own that runs on another machine: its own data folder and cloudnexus.yaml, the keys
 * of the installation in its environment. Nothing but the hypervisor is simulated.
 */

const PROJECT = "cloudnexus-far";
/** Guests are on this machine's loopback, so that something of ours can greet as their SSH server. */
const GUEST = "127.77.0.10";
const folder = mkdtempSync(join(tmpdir(), "cn-remote-"));

let database: TestDatabase;
let simulator: Simulator;
let client: Identity;
let stranger: Identity;
let endpoint: RemoteEndpoint;
let guest: Server;
let environment: Record<string, string>;
let api: ApiClient;
let apiProcess: TestProcess;
let home: TestProcess;
const workers: TestProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({
    socket: join(folder, "simulator.sock"),
    stateFile: join(folder, "simulator.state"),
    projects: [PROJECT, "cloudnexus-near"],
    networks: ["cnfar=127.77.0.1/24", "cnnear=127.78.0.1/24"],
    images: ["cloudnexus/debian-12"],
    engineImages: false,
  });
  [client, stranger] = await Promise.all([selfSigned("cloudnexus"), selfSigned("stranger")]);
  endpoint = await RemoteEndpoint.start(simulator.socket, client.fingerprint);
  guest = createServer((socket) => socket.end("SSH-2.0-a-guest\r\n"));
  await new Promise<void>((resolve, reject) => guest.listen(22, GUEST, resolve).once("error", reject));
  const secret = () => randomBytes(32).toString("base64");
  environment = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject("temporalAddress"),
    CLOUDNEXUS_TASK_QUEUE_PREFIX: `remote-${process.pid}-${Date.now()}`,
    CLOUDNEXUS_BOOTSTRAP_API_KEY: API_KEY,
    CLOUDNEXUS_API_KEY_PEPPER: secret(),
    CLOUDNEXUS_CREDENTIAL_KEY: secret(),
    CLOUDNEXUS_CODEC_KEY: secret(),
    CLOUDNEXUS_AUDIT_SECONDS: "0",
    LOG_LEVEL: "info",
  };
  const port = await freePort();
  const home_ = machine("home", { identity: client, fingerprint: endpoint.fingerprint });
  apiProcess = await spawnProcess("src/server.ts", "api ready", { ...home_, PORT: String(port) });
  api = new ApiClient(`http://127.0.0.1:${port}`, API_KEY);
  home = await spawnProcess("src/worker.ts", "worker ready", { ...home_, CLOUDNEXUS_REGIONS: "near" });
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.kill("SIGKILL");
});
afterAll(async () => {
  await home.kill("SIGKILL");
  await apiProcess.kill("SIGKILL");
  guest.close();
  endpoint.stop();
  await simulator.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** The environment of a machine with its own folder and its own cloudnexus.yaml. */
function machine(name: string, { identity, fingerprint }: { identity: Identity; fingerprint: string }) {
  const dataDir = join(folder, name);
  mkdirSync(dataDir);
  const file = (base: string, content: string) => {
    writeFileSync(join(dataDir, base), content, { mode: 0o600 });
    return join(dataDir, base);
  };
  const common = {
    storage_pool: "cloudnexus",
    prefix_length: 24,
    nameservers: ["127.0.0.53"],
    images: { "debian-12": "cloudnexus/debian-12" },
  };
  const tls = {
    client_certificate_file: file("client.crt", identity.certificate),
    client_key_file: file("client.key", identity.key),
    server_fingerprint: fingerprint,
  };
  const far = {
    name: "Far",
    project: PROJECT,
    network: "cnfar",
    gateway: "127.77.0.1",
    addresses: [`${GUEST}-${GUEST}`],
  };
  const near = { name: "Near", project: "cloudnexus-near", network: "cnnear", gateway: "127.78.0.1" };
  const catalog = {
    ...AMPLE_LIMITS_FILE,
    infrastructure: "incus",
    default_image: "debian-12",
    regions: {
      near: { ...common, ...near, endpoint: `unix://${simulator.socket}`, addresses: ["127.78.0.10-127.78.0.20"] },
      far: { ...common, ...far, endpoint: endpoint.url, tls },
    },
    plans: { starter: { vcpus: 1, memory_mib: 512, disk_gib: 10, kinds: ["server"] } },
    images: { "debian-12": { name: "Debian 12" } },
  };
  const config = file("cloudnexus.yaml", stringify(catalog));
  return { ...environment, CLOUDNEXUS_DATA_DIR: dataDir, CLOUDNEXUS_CONFIG: config };
}

async function startFarWorker(name: string, trust: { identity: Identity; fingerprint: string }): Promise<void> {
  const settings = { ...machine(name, trust), CLOUDNEXUS_REGIONS: "far" };
  workers.push(await spawnProcess("src/worker.ts", "worker ready", settings));
}

function create(name: string) {
  return api.call("POST", "/v1/servers", { name, plan: "starter", region: "far" });
}

describe("a region behind https, with a worker of its own", { timeout: 600_000 }, () => {
  it("waits for that worker: no other one touches it, and then the create ends, over mutual TLS", async () => {
    const { data } = (await create("far-1")).body;
    const step = async () => {
      const { steps } = (await api.get(`/v1/actions/${data.action_id}`)).body.data;
      return steps.find(({ status }) => status === "running" || status === "pending")?.name;
    };
    // Steps on rows are done by any worker; the first one on infrastructure is for the region's.
    await waitUntil("it waits for the region", async () => (await step()) === "resolve_image");
    expect(endpoint.requests).toEqual({ trusted: 0, untrusted: 0 });

    await startFarWorker("far", { identity: client, fingerprint: endpoint.fingerprint });
    expect((await api.actionEnd(data.action_id)).status).toBe("succeeded");
    expect((await api.get(`/v1/servers/${data.id}`)).body.data).toMatchObject({ status: "active", ipv4: GUEST });
    const { instances } = await simulator.snapshot();
    expect(instances).toMatchObject([
      { project: PROJECT, status: "Running", config: { "user.cloudnexus.id": data.id } },
    ]);
    expect(endpoint.requests.untrusted).toBe(0);
    expect(endpoint.requests.trusted).toBeGreaterThan(0);

    const removal = await api.deleteServer(data.id);
    expect((await api.actionEnd(removal.body.data.id)).status).toBe("succeeded");
    expect((await simulator.snapshot()).instances).toEqual([]);
  });

  it.each([
    ["another fingerprint is pinned", () => ({ identity: client, fingerprint: client.fingerprint }), 0],
    ["the server does not trust its certificate", () => ({ identity: stranger, fingerprint: endpoint.fingerprint }), 1],
  ] as const)(
    "fails with `infrastructure_unauthorized` where %s, and nothing is left",
    async (name, trust, reaches) => {
      const before = { ...endpoint.requests };
      await startFarWorker(name.replaceAll(" ", "-"), trust());
      const { data } = (await create(`refused-${reaches}`)).body;
      const action = await api.actionEnd(data.action_id);
      expect(action).toMatchObject({
        status: "failed",
        error: { code: "infrastructure_unauthorized", step: "resolve_image" },
      });
      expect(endpoint.requests.trusted).toBe(before.trusted);
      // A server that is not the pinned one hears nothing of us.
      expect(endpoint.requests.untrusted > before.untrusted).toBe(reaches > 0);
      expect((await api.get(`/v1/servers/${data.id}`)).body.data).toMatchObject({ status: "failed", ipv4: null });
      const removal = await api.deleteServer(data.id);
      expect(removal.status).toBe(202);
    },
  );
});
