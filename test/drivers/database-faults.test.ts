import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { ComputeDriver, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { waitUntil } from "../support/wait.ts";
import { failure } from "./contract.ts";
import { type SimulatedRegion, startSimulatedRegion } from "./simulated-region.ts";
import { recordedWait } from "./waits.ts";

const VOLUMES = "/1.0/storage-pools/*/volumes/custom";
const FILES = "/1.0/instances/*/files";
const LISTS = "/1.0/network-acls";
const FILE = { path: "/root/a.json", content: "{}", mode: 0o600 };
const RULES = { ipv4: "10.88.0.20", port: 5432, sources: ["10.88.0.0/24"] };

let region: SimulatedRegion;
let driver: ComputeDriver;
let fingerprint: string;
let owner: Owner;

beforeAll(async () => {
  region = await startSimulatedRegion();
  driver = createIncusDriver(region.region);
  fingerprint = (await driver.listEngineImages())[0]?.fingerprint ?? "";
  owner = newOwner();
  return async () => {
    await driver.close();
    await region.stop();
  };
});

afterEach(async () => {
  await region.simulator.clearFaults();
  await driver.removeAccessRules(owner, recordedWait());
  await driver.deleteInstance(owner, recordedWait());
  await driver.deleteVolume(owner, recordedWait());
  expect(await region.simulator.snapshot()).toEqual({ instances: [], volumes: [], leases: [], access_rules: [] });
  owner = newOwner();
});

function newOwner(): Owner {
  return { id: newId("database"), kind: "database", accountId: "acc_test", region: "us-east-1" };
}

async function createInstance(): Promise<void> {
  const size = { vcpus: 1, memoryMib: 512, diskGib: 10, userData: null, networkConfig: null };
  const spec = { owner, imageFingerprint: fingerprint, ipv4: RULES.ipv4, ...size, volume: { path: "/data" } };
  await driver.createVolume({ owner, sizeGib: 1 }, recordedWait());
  await driver.createInstance(spec, recordedWait());
}

const WORKS = {
  "a volume is made": [
    { method: "POST", path: VOLUMES },
    () => driver.createVolume({ owner, sizeGib: 1 }, recordedWait()),
  ],
  "a volume is removed": [
    { method: "DELETE", path: `${VOLUMES}/*` },
    () => driver.deleteVolume(owner, recordedWait()),
    () => driver.createVolume({ owner, sizeGib: 1 }, recordedWait()),
  ],
  "a file is written": [
    { method: "POST", path: FILES },
    () => driver.writeFiles(owner, [FILE], recordedWait()),
    createInstance,
  ],
  "the access list is made": [
    { method: "POST", path: LISTS },
    () => driver.setAccessRules(owner, RULES, recordedWait()),
    () => region.simulator.reset(),
  ],
  "the access list is attached": [
    { method: "PUT", path: "/1.0/networks/*" },
    () => driver.setAccessRules(owner, RULES, recordedWait()),
    () => region.simulator.reset(),
  ],
  "rules are set": [{ method: "PUT", path: `${LISTS}/*` }, () => driver.setAccessRules(owner, RULES, recordedWait())],
  "rules are removed": [
    { method: "PUT", path: `${LISTS}/*` },
    () => driver.removeAccessRules(owner, recordedWait()),
    () => driver.setAccessRules(owner, RULES, recordedWait()),
  ],
} satisfies Record<string, [match: object, work: () => Promise<void>, before?: () => Promise<void>]>;

describe.each(Object.entries(WORKS))("when %s", (_what, [match, work, before]) => {
  test.each([["lost_answer"], ["duplicate_delivery"]])("it is done in spite of %s", async (kind) => {
    await before?.();
    await region.simulator.addFault({ match, kind });
    await work();
    await work();
  });

  test("an error before the effect is transient, and the next attempt succeeds", async () => {
    await before?.();
    // The rules are tried again at once after a failure, once.
    await region.simulator.addFault({ match, kind: "error_before", status: 503, count: 2 });
    await expect(work().then(work)).rejects.toMatchObject(failure("infrastructure_unavailable", true));
    await region.simulator.clearFaults();
    await work();
  });
});

test("a change of the list by somebody else in between is read and respected", async () => {
  await region.simulator.addFault({ match: { method: "PUT", path: `${LISTS}/*` }, kind: "wrong_etag", count: 3 });
  await driver.setAccessRules(owner, RULES, recordedWait());
  expect((await region.simulator.snapshot()).access_rules).toHaveLength(3);
});

test("a list that is changed all the time ends the attempt as transient", async () => {
  await region.simulator.addFault({ match: { method: "PUT", path: `${LISTS}/*` }, kind: "wrong_etag", count: 0 });
  await expect(driver.setAccessRules(owner, RULES, recordedWait())).rejects.toMatchObject(
    failure("infrastructure_error", true),
  );
});

test("a slow pool is waited for with heartbeats, and an abort ends the wait with its own reason", async () => {
  const fault = await region.simulator.addFault({ match: { method: "POST", path: VOLUMES }, kind: "hold_before" });
  let beats = 0;
  const controller = new AbortController();
  const wait = { ...recordedWait({ signal: controller.signal }), heartbeat: () => beats++ };
  const creation = driver.createVolume({ owner, sizeGib: 1 }, wait);
  const ended = expect(creation).rejects.toThrow("cancelled");
  await waitUntil("two heartbeats have come", () => beats >= 2);
  controller.abort(new Error("cancelled"));
  await ended;
  await region.simulator.release(fault);
});
