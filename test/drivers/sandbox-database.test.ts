import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { ComputeDriver, EngineTarget, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { createSandboxProbe } from "../../src/drivers/probe/sandbox-probe.ts";
import { waitUntil } from "../support/wait.ts";
import { certified, selfSigned } from "./certificates.ts";
import { failure } from "./contract.ts";
import { type SimulatedRegion, startSimulatedRegion } from "./simulated-region.ts";
import { recordedWait } from "./waits.ts";

const IPV4 = "10.88.0.20";
const owner: Owner = { id: newId("database"), kind: "database", accountId: "acc_test", region: "us-east-1" };
let region: SimulatedRegion;
let driver: ComputeDriver;

beforeAll(async () => {
  region = await startSimulatedRegion();
  driver = createIncusDriver(region.region);
});
afterAll(async () => {
  await driver.close();
  await region.stop();
});

test("a database can be made, asked, closed to others, and taken away in the sandbox", async () => {
  const authority = await selfSigned("region");
  const leaf = await certified(authority, IPV4);
  const images = await driver.listEngineImages();
  expect(images).toHaveLength(7);
  const image = images.find(({ engine, major }) => engine === "postgresql" && major === "17");
  const size = { vcpus: 1, memoryMib: 512, diskGib: 10, userData: null, networkConfig: null };
  const request = {
    ...{ kind: "setup", engine: "postgresql", major: "17", address: IPV4, prefix_length: 24, port: 5432 },
    ...{
      memory_mib: 512,
      vcpus: 1,
      trusted_sources: ["10.88.0.0/24"],
      user: "app",
      password: "right-password",
      database: "app",
    },
    tls: { certificate: leaf.certificate, key: leaf.key, ca: authority.certificate },
  };
  const content = JSON.stringify(request);
  await driver.createVolume({ owner, sizeGib: 5 }, recordedWait());
  await driver.createInstance(
    { owner, imageFingerprint: image?.fingerprint ?? "", ipv4: IPV4, ...size, volume: { path: "/data" } },
    recordedWait(),
  );
  const file = { path: "/var/lib/cloudnexus/requests/act-1-setup.json", content, mode: 0o600 };
  await driver.writeFiles(owner, [file], recordedWait());
  await driver.setAccessRules(owner, { ipv4: IPV4, port: 5432, sources: ["10.88.0.0/24"] }, recordedWait());
  await driver.startInstance(owner, recordedWait());
  await waitUntil("the engine is set up", async () => {
    const result = await driver.readFile(owner, "/var/lib/cloudnexus/results/act-1-setup.json", recordedWait());
    return result?.includes('"succeeded"') ?? false;
  });

  const probe = createSandboxProbe(region.simulator.socket);
  const login = { user: "app", password: "right-password", database: "app", ca: authority.certificate };
  const target: EngineTarget = { engine: "postgresql", host: IPV4, port: 5432, ...login };
  const attempts = (timeoutMs: number) => ({
    ...{ timeoutMs, signal: new AbortController().signal, onAttempt: () => undefined },
  });
  await probe.queryEngine(target, attempts(5_000));
  await expect(probe.queryEngine({ ...target, password: "wrong" }, attempts(5_000))).rejects.toMatchObject(
    failure("engine_refused", false),
  );
  await driver.setAccessRules(owner, { ipv4: IPV4, port: 5432, sources: ["203.0.113.0/24"] }, recordedWait());
  await expect(probe.queryEngine(target, attempts(300))).rejects.toMatchObject({
    ...failure("boot_timeout", false),
    message: expect.stringContaining("access list"),
  });

  await driver.deleteInstance(owner, recordedWait());
  await driver.deleteVolume(owner, recordedWait());
  await driver.removeAccessRules(owner, recordedWait());
  expect(await region.simulator.snapshot()).toEqual({ instances: [], volumes: [], leases: [], access_rules: [] });
});
