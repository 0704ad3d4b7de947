import { afterEach, describe, expect, test } from "vitest";
import type { ComputeDriver, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { failure } from "./contract.ts";
import { failed, playRequestScript, type RequestScript, type ScriptedCall, sync } from "./request-script.ts";
import { recordedWait } from "./waits.ts";

const OWNER: Owner = { id: "db_abc234", kind: "database", accountId: "acc_1", region: "us-east-1" };
const TAGS = {
  "user.cloudnexus.id": "db_abc234",
  "user.cloudnexus.kind": "database",
  "user.cloudnexus.account": "acc_1",
  "user.cloudnexus.region": "us-east-1",
};
const INSTANCE = { expect: "GET /1.0/instances/cn-abc234?project=p" };
const OURS = { ...INSTANCE, answer: sync({ name: "cn-abc234", status: "Running", config: TAGS, devices: {} }) };

let script: RequestScript;
let driver: ComputeDriver;

async function play(...calls: ScriptedCall[]): Promise<void> {
  script = await playRequestScript(calls);
  const region = { region: "us-east-1", project: "p", network: "br0", storagePool: "fast" };
  driver = createIncusDriver({ ...region, endpoint: script.endpoint, gateway: "10.88.0.1", prefixLength: 24 });
}

afterEach(async () => {
  await driver.close();
  await script.stop();
  script.verify();
});

describe("a data volume", () => {
  const VOLUME = "/1.0/storage-pools/fast/volumes/custom/cn-abc234-data?project=p";
  const absent = { expect: `GET ${VOLUME}`, status: 404, answer: failed(404, "Storage pool volume not found") };
  const there = (config: object) => ({ expect: `GET ${VOLUME}`, answer: sync({ name: "cn-abc234-data", config }) });
  const POST = {
    expect: "POST /1.0/storage-pools/fast/volumes/custom?project=p",
    body: {
      name: "cn-abc234-data",
      content_type: "filesystem",
      description: "",
      config: { ...TAGS, size: "20GiB" },
    },
  };
  const create = () => driver.createVolume({ owner: OWNER, sizeGib: 20 }, recordedWait());

  test("is looked for and made", async () => {
    await play(absent, { ...POST, answer: sync({}) });
    await create();
  });

  test.each([
    ["the answer was lost", { answer: "hang up" } as const],
    ["a twin was faster", { status: 409, answer: failed(409, "Volume by that name already exists") }],
  ])("is looked for again when %s", async (_what, answer) => {
    await play(absent, { ...POST, ...answer }, there(TAGS));
    await create();
  });

  test("of somebody else that appeared meanwhile is a conflict", async () => {
    await play(absent, { ...POST, answer: "hang up" }, there({}));
    await expect(create()).rejects.toMatchObject(failure("instance_conflict", false));
  });

  test("is gone after a delete whose answer was lost", async () => {
    await play(there(TAGS), { expect: `DELETE ${VOLUME}`, answer: "hang up" }, absent);
    await driver.deleteVolume(OWNER, recordedWait());
  });

  test("in use is worth another attempt", async () => {
    const inUse = {
      expect: `DELETE ${VOLUME}`,
      status: 400,
      answer: failed(400, "The storage volume is still in use"),
    };
    await play(there(TAGS), inUse, there(TAGS));
    await expect(driver.deleteVolume(OWNER, recordedWait())).rejects.toMatchObject(
      failure("infrastructure_error", true),
    );
  });
});

describe("a file in a guest", () => {
  const FILE = "/1.0/instances/cn-abc234/files?project=p&path=%2Froot%2Fa.json";
  const absent = { expect: `GET ${FILE}`, status: 404, answer: failed(404, "Not Found") };
  const there = (mode: string, answer: object, type = "file"): ScriptedCall => ({
    expect: `GET ${FILE}`,
    headers: {
      "content-type": "application/octet-stream",
      "x-incus-type": type,
      "x-incus-mode": mode,
      "x-incus-uid": "0",
      "x-incus-gid": "0",
    },
    answer,
  });
  const POST: ScriptedCall = {
    expect: `POST ${FILE}`,
    content: '{"b":2}',
    sent: {
      "content-type": "application/octet-stream",
      "x-incus-type": "file",
      "x-incus-write": "overwrite",
      "x-incus-uid": "0",
      "x-incus-gid": "0",
      "x-incus-mode": "0600",
    },
    answer: sync({}),
  };
  const write = () =>
    driver.writeFiles(OWNER, [{ path: "/root/a.json", content: '{"b":2}', mode: 0o600 }], recordedWait());

  test("is written as it is, for root, with its mode", async () => {
    await play(OURS, absent, POST);
    await write();
  });

  test("that is there as asked is left alone", async () => {
    await play(OURS, there("0600", { b: 2 }));
    await write();
  });

  test("with another content is written over, with another mode made anew, a link replaced", async () => {
    await play(OURS, there("0600", { b: 1 }), POST);
    await write();
    await driver.close();
    await script.stop();
    const DELETE = { expect: `DELETE ${FILE}`, answer: sync({}) };
    await play(
      ...[OURS, there("0644", { b: 2 }), DELETE, POST],
      ...[OURS, there("0600", { b: 2 }, "symlink"), { ...DELETE, status: 404, answer: failed(404, "Not Found") }, POST],
    );
    await write();
    await write();
  });

  test("is read as text even where it looks like an answer of Incus", async () => {
    await play(OURS, there("0600", failed(404, "Instance not found")));
    const content = JSON.stringify(failed(404, "Instance not found"));
    expect(await driver.readFile(OWNER, "/root/a.json", recordedWait())).toBe(content);
  });

  test("is not missing where the instance went away meanwhile", async () => {
    const gone = failed(404, 'Failed to fetch instance "cn-abc234" in project "p": Instance not found');
    await play(OURS, { expect: `GET ${FILE}`, status: 404, answer: gone });
    await expect(driver.readFile(OWNER, "/root/a.json", recordedWait())).rejects.toMatchObject(
      failure("infrastructure_error", false),
    );
  });
});

describe("access rules", () => {
  const LIST = "/1.0/network-acls/cloudnexus-br0?project=p";
  const NETWORK = "/1.0/networks/br0?project=p";
  const OTHER = { action: "allow", source: "10.0.0.1", description: "by hand", state: "enabled" };
  const RULE = { action: "reject", destination: "10.88.0.7", description: "db_abc234", state: "enabled" };
  const RULES = [
    { ...RULE, protocol: "tcp", destination_port: "1-5431,5433-65535" },
    { ...RULE, protocol: "udp" },
  ];
  const list = (ingress: object[], etag: string): ScriptedCall => ({
    expect: `GET ${LIST}`,
    headers: { etag: `"${etag}"` },
    answer: sync({
      ...{ name: "cloudnexus-br0", description: "d", config: { "user.cloudnexus.network": "br0" } },
      ...{ ingress, egress: [] },
    }),
  });
  const put = (ingress: object[], etag: string): ScriptedCall => ({
    expect: `PUT ${LIST}`,
    body: { description: "d", config: { "user.cloudnexus.network": "br0" }, ingress, egress: [] },
    sent: { "if-match": `"${etag}"` },
    answer: sync({}),
  });
  const network = (config: object): ScriptedCall => ({
    expect: `GET ${NETWORK}`,
    headers: { etag: '"n1"' },
    answer: sync({ name: "br0", type: "bridge", managed: true, description: "bridge", config }),
  });
  const attached = network({ "ipv4.nat": "true", "security.acls": "cloudnexus-br0" });
  const set = () =>
    driver.setAccessRules(OWNER, { ipv4: "10.88.0.7", port: 5432, sources: ["0.0.0.0/0"] }, recordedWait());

  test("that are there cost three looks", async () => {
    await play(list(RULES, "1"), list(RULES, "1"), attached);
    await set();
  });

  test("make the list and attach it; nothing that was allowed is refused by it", async () => {
    const absent = { expect: `GET ${LIST}`, status: 404, answer: failed(404, "Network ACL not found") };
    await play(
      absent,
      {
        expect: "POST /1.0/network-acls?project=p",
        body: {
          name: "cloudnexus-br0",
          description: "Who may reach which database; kept by CloudNexus",
          config: { "user.cloudnexus.network": "br0" },
          ...{ ingress: [], egress: [] },
        },
        answer: sync({}),
      },
      list([], "1"),
      list([], "1"),
      put(RULES, "1"),
      list(RULES, "2"),
      network({ "ipv4.nat": "true" }),
      {
        expect: `PUT ${NETWORK}`,
        body: {
          description: "bridge",
          config: {
            "ipv4.nat": "true",
            "security.acls.default.ingress.action": "allow",
            "security.acls.default.egress.action": "allow",
            "security.acls": "cloudnexus-br0",
          },
        },
        sent: { "if-match": '"n1"' },
        answer: sync({}),
      },
      attached,
    );
    await set();
  });

  test("are put again after another worker's, which stay, as does what somebody wrote by hand", async () => {
    const theirs = { ...RULE, description: "db_other" };
    await play(
      list([OTHER], "1"),
      list([OTHER], "1"),
      { ...put([OTHER, ...RULES], "1"), status: 412, answer: failed(412, "ETag doesn't match: a vs b") },
      list([OTHER, theirs], "2"),
      put([OTHER, theirs, ...RULES], "2"),
      // Incus has let the other's write through on an old version.
      list([OTHER, theirs], "3"),
      put([OTHER, theirs, ...RULES], "3"),
      list([OTHER, theirs, ...RULES], "4"),
      attached,
    );
    await set();
  });

  test("join the lists that an operator has attached, whose defaults stay", async () => {
    const theirs = { "security.acls": "theirs", "security.acls.default.ingress.action": "drop" };
    const both = { ...theirs, "security.acls": "theirs,cloudnexus-br0" };
    await play(
      ...[list(RULES, "1"), list(RULES, "1"), network(theirs)],
      { expect: `PUT ${NETWORK}`, body: { description: "bridge", config: both }, answer: sync({}) },
      network(both),
    );
    await set();
  });

  test("are kept without being attached where the network cannot carry them", async () => {
    const physical = sync({ name: "br0", type: "physical", managed: true, description: "", config: {} });
    await play(list(RULES, "1"), list(RULES, "1"), { expect: `GET ${NETWORK}`, answer: physical });
    await set();
  });

  test("are not written into a list of somebody else", async () => {
    const foreign = sync({ name: "cloudnexus-br0", description: "", config: {}, ingress: [OTHER], egress: [] });
    await play({ expect: `GET ${LIST}`, answer: foreign }, { expect: `GET ${LIST}`, answer: foreign });
    await expect(set()).rejects.toMatchObject(failure("instance_conflict", false));
    await driver.removeAccessRules(OWNER, recordedWait());
  });

  test("are taken back, and the answer to that looked into", async () => {
    await play(list([OTHER, ...RULES], "1"), { ...put([OTHER], "1"), answer: "hang up" }, list([OTHER], "2"));
    await driver.removeAccessRules(OWNER, recordedWait());
  });
});

describe("engine images", () => {
  const image = (fingerprint: string, uploaded_at: string, properties: object | null) => ({
    ...{ fingerprint, uploaded_at, properties },
  });
  const postgres = {
    "cloudnexus.engine": "postgresql",
    "cloudnexus.major": "17",
    "cloudnexus.version": "17.6",
    "cloudnexus.implementation": "PostgreSQL",
  };
  const IMAGES = "GET /1.0/images?project=p&recursion=1";

  test("are those with all our properties, of each engine and major the newest", async () => {
    const answer = sync([
      image("new", "2026-02-01T00:00:00Z", { ...postgres, "cloudnexus.version": "17.7" }),
      image("old", "2026-01-01T00:00:00Z", postgres),
      image("plain", "2026-01-01T00:00:00Z", null),
      image("half", "2026-01-01T00:00:00Z", { "cloudnexus.engine": "redis" }),
    ]);
    await play({ expect: IMAGES, answer });
    const view = { engine: "postgresql", major: "17", version: "17.7", implementation: "PostgreSQL" };
    expect(await driver.listEngineImages()).toEqual([{ fingerprint: "new", ...view }]);
  });

  test("are not said to be none by a server that does not trust us", async () => {
    await play(
      { expect: IMAGES, answer: sync([]) },
      { expect: "GET /1.0?project=p", answer: sync({ auth: "untrusted" }) },
    );
    await expect(driver.listEngineImages()).rejects.toMatchObject(failure("infrastructure_unauthorized", false));
  });
});
