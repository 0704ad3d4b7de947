import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { run } from "../../scripts/platform/run.ts";
import { newId } from "../../src/domain/ids.ts";
import type { ComputeDriver, InstanceSpec, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { createTcpProbe } from "../../src/drivers/probe/tcp-probe.ts";
import { recordedWait } from "../drivers/waits.ts";
import { E2E_DRIVER_REGION as REGION } from "../support/e2e-regions.ts";

const ADDRESS = REGION.gateway.replace(/\.\d+$/, ".230");

let driver: ComputeDriver;
let owner: Owner;

beforeEach(() => {
  driver = createIncusDriver(REGION);
  owner = { id: newId("database"), kind: "database", accountId: "acc_e2e", region: REGION.region };
});

afterEach(async () => {
  await driver.removeAccessRules(owner, recordedWait());
  await driver.deleteInstance(owner, recordedWait());
  await driver.deleteVolume(owner, recordedWait());
  await driver.close();
});

async function inside(...command: string[]): Promise<string> {
  const args = ["exec", instanceName(owner.id), "--project", REGION.project, "--", ...command];
  return (await run("incus", args)).trim();
}

/** The stand-in for an engine is the SSH server of a plain image. */
async function created(): Promise<InstanceSpec> {
  const { fingerprint } = await driver.findImage("cloudnexus/debian-12");
  const address = { type: "static", address: `${ADDRESS}/${REGION.prefixLength}`, gateway: REGION.gateway };
  const config = [{ type: "physical", name: "eth0", subnets: [address] }];
  const spec = {
    ...{ owner, imageFingerprint: fingerprint, ipv4: ADDRESS, vcpus: 1, memoryMib: 512, diskGib: 3 },
    ...{ userData: "#cloud-config\n{}\n", networkConfig: stringify({ version: 1, config }), volume: { path: "/data" } },
  };
  await driver.createVolume({ owner, sizeGib: 1 }, recordedWait());
  await driver.createInstance(spec, recordedWait());
  return spec;
}

async function up(): Promise<void> {
  await driver.startInstance(owner, recordedWait());
  const signal = AbortSignal.timeout(120_000);
  await createTcpProbe().waitForSsh(ADDRESS, { timeoutMs: 60_000, signal, onAttempt: () => undefined });
}

test("a guest finds its volume at the path, owned by root, with what an earlier instance left on it", async () => {
  await created();
  await driver.startInstance(owner, recordedWait());
  expect(await inside("stat", "--format=%u:%g:%a", "/data")).toMatch(/^0:0:7\d\d$/);
  await inside("sh", "-c", "umask 077; echo kept > /data/note; chown 100:100 /data/note; sync");
  await driver.deleteInstance(owner, recordedWait());

  await created();
  await driver.startInstance(owner, recordedWait());
  expect(await inside("cat", "/data/note")).toBe("kept");
  expect(await inside("stat", "--format=%u:%g:%a", "/data/note")).toBe("100:100:600");
});

test("a file written into a stopped instance is there when it runs, with its mode, and can be read back", async () => {
  await created();
  const file = { path: "/root/secret.json", content: '{"ä":1}\n', mode: 0o600 };
  await driver.writeFiles(owner, [file], recordedWait());
  await driver.startInstance(owner, recordedWait());
  expect(await inside("stat", "--format=%u:%g:%a", file.path)).toBe("0:0:600");
  expect(await inside("cat", file.path)).toBe(file.content.trim());
  await inside("sh", "-c", "echo from inside > /root/answer");
  expect(await driver.readFile(owner, "/root/answer", recordedWait())).toBe("from inside\n");
});

test("rules refuse strangers and other ports, and let the sources and the guest's own connections through", async () => {
  await created();
  await up();
  expect(await canConnect(22)).toBe(true);

  const rules = { ipv4: ADDRESS, port: 22 };
  await driver.setAccessRules(owner, { ...rules, sources: ["10.20.0.0/16"] }, recordedWait());
  expect(await canConnect(22)).toBe(false);
  // What the guest itself begins is answered: here its question to the network's own name server, at which nothing but TCP can be told.
  const asked = `exec 3<>/dev/tcp/${REGION.gateway}/53 && echo answered`;
  expect(await inside("timeout", "5", "bash", "-c", asked)).toBe("answered");

  await driver.setAccessRules(owner, { ...rules, sources: ["10.20.0.0/16", `${REGION.gateway}/32`] }, recordedWait());
  expect(await canConnect(22)).toBe(true);

  await driver.setAccessRules(owner, { ...rules, port: 5432, sources: ["0.0.0.0/0"] }, recordedWait());
  expect(await canConnect(22)).toBe(false);

  await driver.removeAccessRules(owner, recordedWait());
  expect(await canConnect(22)).toBe(true);
});

/** From this host, whose address on the network is its gateway. */
async function canConnect(port: number): Promise<boolean> {
  const socket = connect({ host: ADDRESS, port });
  try {
    return await Promise.race([
      new Promise<boolean>((resolve) => {
        socket.once("connect", () => resolve(true));
        socket.once("error", () => resolve(false));
      }),
      delay(3_000, false),
    ]);
  } finally {
    socket.destroy();
  }
}
