import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { STORAGE_POOL } from "../../scripts/platform/incus-region.ts";
import { run } from "../../scripts/platform/run.ts";
import { newId } from "../../src/domain/ids.ts";
import type { InstanceSpec } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { createTcpProbe } from "../../src/drivers/probe/tcp-probe.ts";
import { type Identity, selfSigned } from "../drivers/certificates.ts";
import { type ContractTarget, describeComputeDriver, failure } from "../drivers/contract.ts";
import { describeDatabaseDriver } from "../drivers/data-contract.ts";
import { recordedWait } from "../drivers/waits.ts";
import { E2E_DRIVER_REGION as REGION } from "../support/e2e-regions.ts";

const IMAGE_ALIAS = "cloudnexus/debian-12";
const PREFIX = REGION.gateway.replace(/\.\d+$/, "");
const ADDRESSES = Array.from({ length: 20 }, (_, index) => `${PREFIX}.${200 + index}`);
const SSH_ADDRESS = `${PREFIX}.220`;

async function incus(...args: string[]): Promise<string> {
  return (await run("incus", args)).trim();
}

async function raw(name: string) {
  const path = `/1.0/instances/${name}?project=${REGION.project}`;
  return JSON.parse(await incus("query", path)) as {
    config: Record<string, string>;
    devices: Record<string, Record<string, string>>;
  };
}

const TARGET: ContractTarget = {
  region: REGION,
  imageAlias: IMAGE_ALIAS,
  addresses: ADDRESSES,
  rawConfig: async (name) => (await raw(name)).config,
  rawDevices: async (name) => (await raw(name)).devices,
  async plantForeign(name) {
    await incus("create", "--empty", name, "--project", REGION.project, "--storage", STORAGE_POOL);
  },
  async removeForeign(name) {
    await incus("delete", "--force", name, "--project", REGION.project);
  },
  async query<T>(method: string, path: string, body?: object) {
    const answer = await incus("query", "--request", method, ...(body ? ["--data", JSON.stringify(body)] : []), path);
    return JSON.parse(answer || "null") as T;
  },
  async fileMode(name, path) {
    const folder = await mkdtemp(join(tmpdir(), "cn-incus-file-"));
    const file = join(folder, "pulled");
    await incus("file", "pull", `${name}${path}`, file, "--project", REGION.project);
    const { mode } = await stat(file);
    await rm(folder, { recursive: true });
    // The client gives the file the mode of the original, not its owner.
    return `${(mode & 0o7777).toString(8).padStart(4, "0")} 0 0`;
  },
};

describeComputeDriver("Incus driver on real Incus", () => TARGET);
describeDatabaseDriver("Incus driver on real Incus", () => TARGET);

test("what was created and started greets on port 22, runs within its limits, and leaves nothing", async () => {
  const driver = createIncusDriver(REGION);
  const { fingerprint } = await driver.findImage(IMAGE_ALIAS);
  const spec: InstanceSpec = {
    owner: { id: newId("server"), kind: "server", accountId: "acc_e2e", region: REGION.region },
    imageFingerprint: fingerprint,
    ipv4: SSH_ADDRESS,
    vcpus: 1,
    memoryMib: 512,
    diskGib: 10,
    userData: "#cloud-config\nhostname: driver-e2e\n",
    networkConfig: stringify({
      version: 1,
      config: [
        {
          type: "physical",
          name: "eth0",
          subnets: [{ type: "static", address: `${SSH_ADDRESS}/${REGION.prefixLength}`, gateway: REGION.gateway }],
        },
      ],
    }),
    volume: null,
  };
  try {
    await driver.createInstance(spec, recordedWait());
    await driver.startInstance(spec.owner, recordedWait());
    const signal = AbortSignal.timeout(120_000);
    await createTcpProbe().waitForSsh(spec.ipv4, { timeoutMs: 60_000, signal, onAttempt: () => undefined });
    const view = await driver.findInstance(spec.owner);
    const inside = (...command: string[]) =>
      incus("exec", view?.name ?? "", "--project", REGION.project, "--", ...command);
    expect(await inside("nproc")).toBe("1");
    expect(await inside("hostname")).toBe("driver-e2e");
    // Where version 1 of control groups is, and where version 2 is.
    const limits = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max";
    expect(await inside("sh", "-c", limits)).toBe(String(512 * 1024 ** 2));
  } finally {
    await driver.deleteInstance(spec.owner, recordedWait());
    await driver.close();
  }
  const volumes = await incus("storage", "volume", "list", STORAGE_POOL, "--project", REGION.project, "--format=csv");
  expect(volumes).not.toContain(spec.owner.id.replace("srv_", "cn-"));
});

describe("over https", () => {
  const NAME = `cloudnexus-driver-test-${process.pid}`;
  let addressBefore: string;
  let client: Identity;
  let folder: string;
  let endpoint: string;
  let serverFingerprint: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cn-incus-tls-"));
    client = await selfSigned(NAME);
    addressBefore = await incus("config", "get", "core.https_address");
    const address = addressBefore || "127.0.0.1:18443";
    if (!addressBefore) await incus("config", "set", "core.https_address", address);
    endpoint = `https://${address.replace(/^(0\.0\.0\.0|\[::\])?:/, "127.0.0.1:")}`;
    const server = JSON.parse(await incus("query", "/1.0")) as { environment: { certificate_fingerprint: string } };
    serverFingerprint = server.environment.certificate_fingerprint;
  });

  afterAll(async () => {
    await incus("config", "trust", "remove", client.fingerprint).catch(() => undefined);
    if (!addressBefore) await incus("config", "unset", "core.https_address");
    await rm(folder, { recursive: true, force: true });
  });

  function driverPinnedTo(fingerprint: string) {
    const identity = { clientCertificate: client.certificate, clientKey: client.key, serverFingerprint: fingerprint };
    return createIncusDriver({ ...REGION, endpoint, tls: identity });
  }

  test("a stranger is infrastructure_unauthorized; once trusted it may look and act", async () => {
    const driver = driverPinnedTo(serverFingerprint);
    await expect(driver.checkHealth()).rejects.toMatchObject(failure("infrastructure_unauthorized", false));
    await expect(driver.findImage(IMAGE_ALIAS)).rejects.toMatchObject(failure("infrastructure_unauthorized", false));

    const file = join(folder, "client.crt");
    await writeFile(file, client.certificate);
    await incus("config", "trust", "add-certificate", file, "--name", NAME);
    await driver.checkHealth();
    const image = await driver.findImage(IMAGE_ALIAS);
    const owner = { id: newId("server"), kind: "server", accountId: "acc_e2e", region: REGION.region } as const;
    const size = { vcpus: 1, memoryMib: 256, diskGib: 2 };
    const documents = { userData: "#cloud-config\n", networkConfig: "{}", volume: null };
    const spec = { owner, imageFingerprint: image.fingerprint, ipv4: SSH_ADDRESS, ...size, ...documents };
    await driver.createInstance(spec, recordedWait());
    expect(await driver.findInstance(owner)).toMatchObject({ status: "stopped", owner });
    await driver.deleteInstance(owner, recordedWait());
    expect(await driver.findInstance(owner)).toBeNull();
    await driver.close();
  });

  test("a server with another certificate than the pinned one is refused", async () => {
    const driver = driverPinnedTo(client.fingerprint);
    await expect(driver.checkHealth()).rejects.toMatchObject(failure("infrastructure_unauthorized", false));
    await driver.close();
  });
});
