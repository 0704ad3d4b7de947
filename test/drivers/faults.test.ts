import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { ComputeDriver, InstanceSpec, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { waitUntil } from "../support/wait.ts";
import { failure } from "./contract.ts";
import { type SimulatedRegion, startSimulatedRegion } from "./simulated-region.ts";
import { recordedWait } from "./waits.ts";

let region: SimulatedRegion;
let driver: ComputeDriver;
let fingerprint: string;
let addresses = 0;

beforeAll(async () => {
  region = await startSimulatedRegion();
  driver = createIncusDriver(region.region);
  fingerprint = (await driver.findImage(region.imageAlias)).fingerprint;
  return async () => {
    await driver.close();
    await region.stop();
  };
});

afterEach(async () => {
  await region.simulator.clearFaults();
  for (const { owner } of await driver.listInstances()) if (owner) await driver.deleteInstance(owner, recordedWait());
  expect(await region.simulator.snapshot()).toMatchObject({ instances: [], volumes: [] });
});

function newSpec(): InstanceSpec {
  const owner: Owner = { id: newId("server"), kind: "server", accountId: "acc_test", region: "us-east-1" };
  const size = { vcpus: 1, memoryMib: 512, diskGib: 10 };
  const ipv4 = region.addresses[addresses++] ?? "";
  const documents = { userData: "#cloud-config\n", networkConfig: "{}" };
  return { owner, imageFingerprint: fingerprint, ipv4, ...size, ...documents, volume: null };
}

async function created(): Promise<InstanceSpec> {
  const spec = newSpec();
  await driver.createInstance(spec, recordedWait());
  return spec;
}

const CREATE = { method: "POST", path: "/1.0/instances" };
const CHANGE = { method: "PUT", path: "/1.0/instances/*/state" };
const DELETE = { method: "DELETE", path: "/1.0/instances/*" };
const WAIT = { method: "GET", path: "/1.0/operations/*/wait" };

describe("create under faults", () => {
  test.each([
    ["the answer is lost", { match: CREATE, kind: "lost_answer" }],
    [
      "the answer is lost while the operation still runs",
      { match: CREATE, kind: "lost_answer", await_operation: false },
    ],
    ["the request is delivered twice", { match: CREATE, kind: "duplicate_delivery" }],
    ["the operation is forgotten", { match: CREATE, kind: "operation_lost" }],
    ["the answer of the wait is lost", { match: WAIT, kind: "lost_answer" }],
  ])("one instance is there when %s", async (_what, fault) => {
    await region.simulator.addFault(fault);
    const spec = newSpec();
    await driver.createInstance(spec, recordedWait());
    const { instances } = await region.simulator.snapshot();
    expect(instances.map((instance) => instance.name)).toEqual([instanceName(spec.owner.id)]);
  });

  test.each([
    ["an error before the effect", { match: CREATE, kind: "error_before", status: 500 }, "infrastructure_error"],
    ["an overloaded server", { match: CREATE, kind: "error_before", status: 503 }, "infrastructure_unavailable"],
    ["silence before the effect", { match: CREATE, kind: "timeout_before", delay_ms: 1 }, "infrastructure_unavailable"],
    ["an object changed meanwhile", { match: CREATE, kind: "wrong_etag" }, "infrastructure_error"],
    [
      "an operation that fails",
      { match: CREATE, kind: "operation_fails", message: "exit status 1" },
      "infrastructure_error",
    ],
  ] as const)("%s is transient, and the next attempt succeeds", async (_what, fault, code) => {
    await region.simulator.addFault(fault);
    const spec = newSpec();
    await expect(driver.createInstance(spec, recordedWait())).rejects.toMatchObject(failure(code, true));
    await driver.createInstance(spec, recordedWait());
    expect(await driver.findInstance(spec.owner)).toMatchObject({ status: "stopped" });
  });

  test("a full disk is storage_full, at once", async () => {
    await region.simulator.addFault({ match: CREATE, kind: "disk_full" });
    await expect(driver.createInstance(newSpec(), recordedWait())).rejects.toMatchObject(
      failure("storage_full", false),
    );
  });

  test("a slow server is waited for, with heartbeats meanwhile", async () => {
    const fault = await region.simulator.addFault({ match: CREATE, kind: "hold_before" });
    let beats = 0;
    const create = driver.createInstance(newSpec(), { ...recordedWait(), heartbeat: () => beats++ });
    await waitUntil("two heartbeats have come", () => beats >= 2);
    await region.simulator.release(fault);
    await expect(create).resolves.toBeUndefined();
  });

  test("an abort ends a request under way with its own reason", async () => {
    const fault = await region.simulator.addFault({ match: CREATE, kind: "hold_before" });
    const controller = new AbortController();
    const create = driver.createInstance(newSpec(), recordedWait({ signal: controller.signal }));
    await waitUntil("the request is held", () => region.simulator.isHolding(fault));
    const reason = new Error("worker shuts down");
    controller.abort(reason);
    await expect(create).rejects.toBe(reason);
  });
});

describe("start, stop and delete under faults", () => {
  test.each([
    ["the answer is lost", { match: CHANGE, kind: "lost_answer" }],
    ["the request is delivered twice", { match: CHANGE, kind: "duplicate_delivery" }],
    ["the operation is forgotten", { match: CHANGE, kind: "operation_lost" }],
    ["the answer of the wait is lost", { match: WAIT, kind: "lost_answer" }],
  ])("start ends with a running instance, stop with a stopped one, when %s", async (_what, fault) => {
    const { owner } = await created();
    await region.simulator.addFault(fault);
    await driver.startInstance(owner, recordedWait());
    expect(await driver.findInstance(owner)).toMatchObject({ status: "running" });
    await region.simulator.clearFaults();
    await region.simulator.addFault(fault);
    await driver.stopInstance(owner, 1_000, recordedWait());
    expect(await driver.findInstance(owner)).toMatchObject({ status: "stopped" });
  });

  test.each([
    ["it is not found on the second look", { match: DELETE, kind: "not_found_on_delete" }],
    ["the answer is lost", { match: DELETE, kind: "lost_answer" }],
    ["the answer is lost while the operation runs", { match: DELETE, kind: "lost_answer", await_operation: false }],
    ["the request is delivered twice", { match: DELETE, kind: "duplicate_delivery" }],
    ["the operation is forgotten", { match: DELETE, kind: "operation_lost" }],
    ["the forced stop is forgotten", { match: CHANGE, kind: "operation_lost" }],
  ])("delete succeeds when %s", async (_what, fault) => {
    const { owner } = await created();
    await driver.startInstance(owner, recordedWait());
    await region.simulator.addFault(fault);
    await driver.deleteInstance(owner, recordedWait());
    expect(await driver.findInstance(owner)).toBeNull();
  });

  test("a delete during a create waits for it and leaves nothing", async () => {
    const fault = await region.simulator.addFault({ match: WAIT, kind: "hold_before" });
    const spec = newSpec();
    const create = driver.createInstance(spec, recordedWait()).catch(() => undefined);
    await waitUntil("the create's wait is held", () => region.simulator.isHolding(fault));
    await driver.deleteInstance(spec.owner, recordedWait());
    expect(await driver.findInstance(spec.owner)).toBeNull();
    await region.simulator.release(fault);
    await create;
  });

  test("an error before the effect of a delete is transient, and the next attempt succeeds", async () => {
    const { owner } = await created();
    await region.simulator.addFault({ match: DELETE, kind: "error_before", status: 503 });
    await expect(driver.deleteInstance(owner, recordedWait())).rejects.toMatchObject(
      failure("infrastructure_unavailable", true),
    );
    await driver.deleteInstance(owner, recordedWait());
  });
});
