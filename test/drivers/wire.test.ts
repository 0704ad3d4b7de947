import { afterEach, describe, expect, test } from "vitest";
import type { ComputeDriver, InstanceSpec, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver, type RequestLogEntry } from "../../src/drivers/incus/driver.ts";
import { failure } from "./contract.ts";
import {
  failed,
  operation,
  playRequestScript,
  type RequestScript,
  type ScriptedCall,
  started,
  sync,
} from "./request-script.ts";
import { recordedWait } from "./waits.ts";

const OWNER: Owner = { id: "srv_abc234", kind: "server", accountId: "acc_1", region: "us-east-1" };
const SPEC: InstanceSpec = {
  owner: OWNER,
  imageFingerprint: "f00d",
  ipv4: "10.88.0.7",
  vcpus: 2,
  memoryMib: 2048,
  diskGib: 40,
  userData: "#cloud-config\n{}\n",
  networkConfig: "version: 1\n",
  volume: null,
};
const TAGS = {
  "user.cloudnexus.id": "srv_abc234",
  "user.cloudnexus.kind": "server",
  "user.cloudnexus.account": "acc_1",
  "user.cloudnexus.region": "us-east-1",
};
const FINISHED = { ...TAGS, "volatile.apply_template": "create", "volatile.base_image": "f00d", "volatile.uuid": "u1" };
const INSTANCE = "/1.0/instances/cn-abc234?project=p";
const OPERATIONS = "GET /1.0/operations?project=p&recursion=1";
const waitOn = (id: string) => `GET /1.0/operations/${id}/wait?project=p&timeout=2`;
const stopped = (config: Record<string, string> = FINISHED) =>
  sync({ name: "cn-abc234", status: "Stopped", config, devices: { eth0: { "ipv4.address": "10.88.0.7" } } });
const running = (config: Record<string, string> = FINISHED) =>
  sync({ name: "cn-abc234", status: "Running", config, devices: { eth0: { "ipv4.address": "10.88.0.7" } } });
const absent = failed(404, 'Failed to fetch instance "cn-abc234" in project "p": Instance not found');

const CREATE: Omit<ScriptedCall, "answer"> = {
  expect: "POST /1.0/instances?project=p",
  body: {
    name: "cn-abc234",
    type: "container",
    source: { type: "image", fingerprint: "f00d" },
    profiles: [],
    config: {
      ...TAGS,
      "limits.cpu": "2",
      "limits.memory": "2048MiB",
      "cloud-init.user-data": "#cloud-config\n{}\n",
      "cloud-init.network-config": "version: 1\n",
    },
    devices: {
      root: { type: "disk", path: "/", pool: "fast", size: "40GiB" },
      eth0: { type: "nic", name: "eth0", network: "br0", hwaddr: "02:ce:0a:58:00:07", "ipv4.address": "10.88.0.7" },
    },
  },
};
const START = {
  expect: `PUT ${INSTANCE.replace("?", "/state?")}`,
  body: { action: "start", timeout: 30, force: false },
};
const KILL = { expect: START.expect, body: { action: "stop", timeout: 0, force: true } };

let script: RequestScript;
let driver: ComputeDriver;
let log: RequestLogEntry[];

async function play(...calls: ScriptedCall[]): Promise<ComputeDriver> {
  log = [];
  script = await playRequestScript(calls);
  const region = { region: "us-east-1", project: "p", network: "br0", storagePool: "fast" };
  driver = createIncusDriver(
    { ...region, endpoint: script.endpoint, gateway: "10.88.0.1", prefixLength: 24 },
    { onRequest: (entry) => log.push(entry) },
  );
  return driver;
}

afterEach(async () => {
  await driver.close();
  await script.stop();
  script.verify();
});

describe("what goes over the wire", () => {
  test("an image is looked up by its alias, slashes encoded", async () => {
    const answer = sync({ name: "ubuntu/22.04/cloud", target: "f00d" });
    await play({ expect: "GET /1.0/images/aliases/ubuntu%2F22.04%2Fcloud?project=p", answer });
    expect(await driver.findImage("ubuntu/22.04/cloud")).toEqual({ alias: "ubuntu/22.04/cloud", fingerprint: "f00d" });
  });

  test("a create is a look, a POST and a wait; every request is logged without its body", async () => {
    await play(
      { expect: `GET ${INSTANCE}`, status: 404, answer: absent },
      { ...CREATE, status: 202, answer: started("op1") },
      { expect: waitOn("op1"), answer: operation("op1", 200) },
    );
    const wait = recordedWait();
    await driver.createInstance(SPEC, wait);
    expect(wait.followed).toEqual(["op1"]);
    expect(log.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "GET /1.0/instances/cn-abc234 404",
      "POST /1.0/instances 202",
      "GET /1.0/operations/op1/wait 200",
    ]);
  });

  test("a delete of a running instance switches it off first", async () => {
    await play(
      { expect: OPERATIONS, answer: sync({}) },
      { expect: `GET ${INSTANCE}`, answer: running() },
      { ...KILL, status: 202, answer: started("op1") },
      { expect: waitOn("op1"), answer: operation("op1", 200) },
      { expect: `DELETE ${INSTANCE}`, status: 202, answer: started("op2") },
      { expect: waitOn("op2"), answer: operation("op2", 200) },
    );
    const wait = recordedWait();
    await driver.deleteInstance(OWNER, wait);
    expect(wait.followed).toEqual(["op1", "op2"]);
  });

  test("a stop asks the guest, then switches it off", async () => {
    await play(
      { expect: OPERATIONS, answer: sync({}) },
      { expect: `GET ${INSTANCE}`, answer: running() },
      {
        expect: START.expect,
        body: { action: "stop", timeout: 10, force: false },
        status: 202,
        answer: started("op1"),
      },
      // Up to 6.0.5 a guest that ignores the request looks just like a slice that ran out.
      { expect: waitOn("op1"), answer: failed(500, "context deadline exceeded") },
      { expect: "GET /1.0/operations/op1?project=p", answer: operation("op1", 400, "context deadline exceeded") },
      { expect: OPERATIONS, answer: sync({}) },
      { expect: `GET ${INSTANCE}`, answer: running() },
      { ...KILL, status: 202, answer: started("op2") },
      { expect: waitOn("op2"), answer: operation("op2", 200) },
    );
    await driver.stopInstance(OWNER, 10_000, recordedWait());
  });
});

describe("following an operation", () => {
  const look = { expect: `GET ${INSTANCE}`, answer: stopped() };
  const start = { ...START, status: 202, answer: started("op1") };

  test.each([
    ["as newer servers do", [{ expect: waitOn("op1"), answer: operation("op1", 103) }]],
    [
      "as older servers do",
      [
        { expect: waitOn("op1"), answer: failed(500, "context deadline exceeded") },
        { expect: "GET /1.0/operations/op1?project=p", answer: operation("op1", 103) },
      ],
    ],
  ] satisfies [string, ScriptedCall[]][])(
    "a slice that runs out is followed by the next, answered %s",
    async (_how, slice) => {
      await play(look, start, ...slice, { expect: waitOn("op1"), answer: operation("op1", 200) });
      await driver.startInstance(OWNER, recordedWait());
    },
  );

  test("a failure that old servers answer in the wait keeps its status and text", async () => {
    const conflict = 'Failed start validation for device "eth0": IP address "10.88.0.7" already defined on another NIC';
    await play(
      look,
      start,
      { expect: waitOn("op1"), answer: failed(409, conflict) },
      { expect: "GET /1.0/operations/op1?project=p", status: 404, answer: failed(404, "Operation not found") },
      { expect: OPERATIONS, answer: sync({}) },
      look,
    );
    await expect(driver.startInstance(OWNER, recordedWait())).rejects.toMatchObject(failure("address_in_use", false));
  });

  test("a forgotten operation is decided by the instance", async () => {
    const gone = failed(404, "Operation not found");
    await play(
      look,
      start,
      { expect: waitOn("op1"), status: 404, answer: gone },
      { expect: "GET /1.0/operations/op1?project=p", status: 404, answer: gone },
      { expect: OPERATIONS, answer: sync({}) },
      { expect: `GET ${INSTANCE}`, answer: running() },
    );
    await driver.startInstance(OWNER, recordedWait());
  });

  test("a cancelled operation is worth another attempt", async () => {
    await play(
      look,
      start,
      { expect: waitOn("op1"), answer: operation("op1", 401) },
      { expect: OPERATIONS, answer: sync({}) },
      look,
    );
    await expect(driver.startInstance(OWNER, recordedWait())).rejects.toMatchObject({ transient: true });
  });

  test("a successor goes on with the operation of the lost attempt", async () => {
    await play(
      { expect: waitOn("op0"), answer: operation("op0", 200) },
      { expect: `GET ${INSTANCE}`, answer: running() },
    );
    await driver.startInstance(OWNER, recordedWait({ resumeFrom: { operationId: "op0" } }));
  });
});

describe("when a create meets something", () => {
  const settle = (answer: object): ScriptedCall[] => [
    { expect: OPERATIONS, answer: sync({}) },
    { expect: `GET ${INSTANCE}`, answer },
  ];
  const nothingYet: ScriptedCall = { expect: `GET ${INSTANCE}`, status: 404, answer: absent };

  test("an answer that broke off is settled by a look", async () => {
    await play(nothingYet, { ...CREATE, answer: "break off" }, ...settle(stopped()));
    await driver.createInstance(SPEC, recordedWait());
  });

  test("a twin's running operation is waited for", async () => {
    const twin = { id: "op9", status_code: 103, resources: { instances: ["/1.0/instances/cn-abc234?project=p"] } };
    const other = { ...twin, id: "op8", resources: { instances: ["/1.0/instances/cn-abc?project=p"] } };
    await play(
      { expect: `GET ${INSTANCE}`, answer: stopped(TAGS) },
      { expect: OPERATIONS, answer: sync({ running: [other, twin], success: [twin] }) },
      { expect: waitOn("op9"), answer: operation("op9", 200) },
      ...settle(stopped()),
    );
    await driver.createInstance(SPEC, recordedWait());
  });

  test("the remains of a create that a dying daemon left are replaced", async () => {
    await play(
      { expect: `GET ${INSTANCE}`, answer: stopped(TAGS) },
      ...settle(stopped(TAGS)),
      { expect: `DELETE ${INSTANCE}`, status: 202, answer: started("op1") },
      { expect: waitOn("op1"), answer: operation("op1", 200) },
      { ...CREATE, status: 202, answer: started("op2") },
      { expect: waitOn("op2"), answer: operation("op2", 200) },
    );
    await driver.createInstance(SPEC, recordedWait());
  });

  test("a server that is away is infrastructure_unavailable", async () => {
    await play();
    await script.stop();
    await expect(driver.createInstance(SPEC, recordedWait())).rejects.toMatchObject(
      failure("infrastructure_unavailable", true),
    );
    expect(log).toHaveLength(1);
  });
});
