import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { at, type Draft, list, project, root, Simulator, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
let simulator: Simulator;

beforeAll(async () => {
  simulator = await Simulator.start(folder);
});
beforeEach(async () => {
  await simulator.reset();
});
afterAll(async () => {
  await simulator.stop();
  folder.remove();
});

describe("creating", () => {
  it("answers 202 with a running operation and ends with a stopped instance", async () => {
    const answer = await simulator.create("cn-a", { ipv4: "10.88.0.20", config: { "user.cloudnexus.id": "srv_a" } });
    expect(answer).toMatchObject({
      status: 202,
      body: { type: "async", status_code: 100, metadata: { status: "Running", may_cancel: false } },
    });
    expect(answer.headers["location"]).toBe(answer.body["operation"]);
    const end = await simulator.ended(answer);
    expect(end["metadata"]).toMatchObject({
      status: "Success",
      status_code: 200,
      resources: { instances: [at("/cn-a")] },
    });
    expect((await simulator.get(at("/cn-a"))).body["metadata"]).toMatchObject({
      name: "cn-a",
      project,
      status: "Stopped",
      config: { "user.cloudnexus.id": "srv_a", "volatile.eth0.hwaddr": expect.stringMatching(/^10:66:6a:/) },
      devices: { eth0: { "ipv4.address": "10.88.0.20" } },
    });
  });

  it("starts the instance too if asked", async () => {
    await simulator.ended(await simulator.call("POST", at(""), { name: "cn-a", ...startable() }));
    expect((await simulator.get(at("/cn-a"))).body["metadata"]).toMatchObject({ status: "Running" });
  });

  it.each([
    ["a_b", "Name can only contain alphanumeric and hyphen characters"],
    ["-ab", 'Name must not start with "-" character'],
    ["ab-", 'Name must not end with "-" character'],
    ["123", "Name cannot be a number"],
    ["a".repeat(64), "Name must be 1-63 characters long"],
  ])("refuses the name %s at once", async (name, why) => {
    expect(await simulator.create(name)).toMatchObject({
      status: 400,
      body: { error: `Invalid instance name: ${why}` },
    });
  });

  it.each<[string, Draft, number, string]>([
    ["an unknown pool", { devices: { root: root({ pool: "nope" }) } }, 404, "Storage pool not found"],
    [
      "an unknown network",
      { devices: { root: root(), eth0: { type: "nic", network: "nope" } } },
      404,
      "Network not found",
    ],
    ["no root disk", { devices: {} }, 500, "No root device could be found"],
    [
      "an address outside the network",
      { ipv4: "10.99.0.2" },
      500,
      'Device IP address "10.99.0.2" not within network "br0" subnet',
    ],
    ["the network's own address", { ipv4: "10.88.0.1" }, 500, 'IP address "10.88.0.1" is assigned to parent'],
    [
      "a size that is none",
      { devices: { root: root({ size: "ten" }) } },
      500,
      'Invalid value for device option "size": Invalid value: ten',
    ],
    ["a CPU limit that is none", { config: { "limits.cpu": "x" } }, 500, "Invalid CPU limit syntax"],
    ["no CPU", { config: { "limits.cpu": "0" } }, 500, "Invalid cpuset value: 0"],
    ["a memory limit that is none", { config: { "limits.memory": "lots" } }, 500, "Invalid value: lots"],
    ["no memory", { config: { "limits.memory": "0" } }, 500, "Memory limit can't be 0"],
    ["an unknown key", { config: { foo: "x" } }, 500, "Unknown configuration key: foo"],
    ["an unknown image", { source: { type: "image", alias: "nope" } }, 500, "Image not provided for instance creation"],
  ])("fails in its operation for %s and leaves nothing", async (_what, draft, code, message) => {
    const end = await simulator.ended(await simulator.create("cn-a", draft));
    expect(end).toMatchObject({ type: "error", error_code: code, error: expect.stringContaining(message) });
    expect((await simulator.get("/sim/v1/snapshot")).body).toMatchObject({ instances: [], volumes: [], leases: [] });
  });

  it("refuses a body that does not fit and an unknown project at once", async () => {
    expect(await simulator.call("POST", at(""), '{"name":')).toMatchObject({
      status: 400,
      body: { error: "unexpected EOF" },
    });
    expect(await simulator.create("cn-a", { config: { "limits.cpu": 1 } })).toMatchObject({ status: 400 });
    expect(await simulator.create("cn-a", { source: { type: "hop" } })).toMatchObject({
      status: 400,
      body: { error: "Unknown source type hop" },
    });
    const elsewhere = await simulator.call("POST", "/1.0/instances?project=nope", {
      name: "cn-a",
      source: { type: "image", alias: "a" },
    });
    expect(elsewhere).toMatchObject({ status: 404, body: { error: "Failed loading project: Project not found" } });
  });

  it("fails for a name that is taken, and only within a project", async () => {
    await simulator.created("cn-a");
    const end = await simulator.ended(await simulator.create("cn-a"));
    expect(end["error"]).toContain("UNIQUE constraint failed: instances.project_id, instances.name");
    await simulator.call("POST", "/1.0/projects", { name: "other", config: { "features.images": "false" } });
    const body = {
      name: "cn-a",
      profiles: [],
      source: { type: "image", alias: "cloudnexus/debian-12" },
      devices: { root: root() },
    };
    expect((await simulator.ended(await simulator.call("POST", "/1.0/instances?project=other", body)))["type"]).toBe(
      "sync",
    );
  });
});

function startable(): object {
  return {
    profiles: [],
    source: { type: "image", alias: "cloudnexus/debian-12" },
    devices: { root: root() },
    start: true,
  };
}

describe("changing the state", () => {
  it("starts, freezes, unfreezes, restarts and stops", async () => {
    await simulator.created("cn-a");
    const status = async () => (await simulator.get(at("/cn-a/state"))).body["metadata"]?.["status"];
    const seen: unknown[] = [await status()];
    for (const action of ["start", "freeze", "unfreeze", "restart", "stop"]) {
      expect(await simulator.ended(await simulator.setState("cn-a", action))).toMatchObject({
        metadata: { status: "Success" },
      });
      seen.push(await status());
    }
    expect(seen).toEqual(["Stopped", "Running", "Frozen", "Running", "Running", "Stopped"]);
  });

  it.each([
    ["stop", "The instance is already stopped", 400],
    ["restart", "The instance is already stopped", 400],
    ["freeze", "The instance isn't running", 500],
    ["unfreeze", "The container isn't running", 500],
  ])("fails to %s a stopped instance", async (action, error, code) => {
    await simulator.created("cn-a");
    expect(await simulator.ended(await simulator.setState("cn-a", action, { force: true }))).toMatchObject({
      error,
      error_code: code,
    });
  });

  it("fails to start what runs, and knows no other action", async () => {
    await simulator.created("cn-a");
    await simulator.started("cn-a");
    expect(await simulator.ended(await simulator.setState("cn-a", "start"))).toMatchObject({
      error: "The instance is already running",
    });
    expect(await simulator.setState("cn-a", "hop")).toMatchObject({
      status: 400,
      body: { error: "Unknown action: 'hop'" },
    });
  });

  it("lets two instances hold one address but starts neither", async () => {
    await simulator.created("cn-a", { ipv4: "10.88.0.20" });
    await simulator.created("cn-b", { ipv4: "10.88.0.20" });
    for (const name of ["cn-a", "cn-b"]) {
      const end = await simulator.ended(await simulator.setState(name, "start"));
      expect(end).toMatchObject({
        error_code: 409,
        error: expect.stringContaining('IP address "10.88.0.20" already defined on another NIC'),
      });
    }
  });

  it("shows address, memory and disk while it runs and none while it does not", async () => {
    await simulator.created("cn-a", { ipv4: "10.88.0.20" });
    expect((await simulator.get(at("/cn-a/state"))).body["metadata"]).toMatchObject({ network: null, pid: 0 });
    await simulator.started("cn-a");
    expect((await simulator.get(at("/cn-a/state"))).body["metadata"]).toMatchObject({
      memory: { total: 512 * 1_024 ** 2 },
      disk: { root: { total: 10 * 1_024 ** 3 } },
      network: { eth0: { addresses: [{ family: "inet", address: "10.88.0.20", netmask: "24", scope: "global" }] } },
    });
  });
});

describe("deleting", () => {
  it("is refused while the instance runs and takes it away once stopped", async () => {
    await simulator.created("cn-a");
    await simulator.started("cn-a");
    expect(await simulator.call("DELETE", at("/cn-a"))).toMatchObject({
      status: 400,
      body: { error: "Instance is running" },
    });
    await simulator.ended(await simulator.setState("cn-a", "stop", { force: true }));
    await simulator.ended(await simulator.call("DELETE", at("/cn-a")));
    const missing = `Failed to fetch instance "cn-a" in project "${project}": Instance not found`;
    expect(await simulator.call("DELETE", at("/cn-a"))).toMatchObject({ status: 404, body: { error: missing } });
    expect(await simulator.get(at("/cn-a/state"))).toMatchObject({ status: 404 });
  });
});

describe("updating", () => {
  it("merges on PATCH, replaces on PUT, and keeps what belongs to the server", async () => {
    await simulator.created("cn-a", { config: { "user.a": "1", "limits.cpu": "1" } });
    await simulator.call("PATCH", at("/cn-a"), { config: { "limits.cpu": "2", "user.b": "2" } });
    const patched = (await simulator.get(at("/cn-a"))).body["metadata"];
    expect(patched?.["config"]).toMatchObject({ "user.a": "1", "user.b": "2", "limits.cpu": "2" });
    await simulator.ended(
      await simulator.call("PUT", at("/cn-a"), {
        config: { "user.c": "3" },
        devices: patched?.["devices"],
        profiles: [],
      }),
    );
    const config = (await simulator.get(at("/cn-a"))).body["metadata"]?.["config"];
    expect(config).toMatchObject({ "user.c": "3", "volatile.uuid": patched?.["config"]?.["volatile.uuid"] });
    expect(config).not.toHaveProperty("user.a");
  });

  it("refuses a stale ETag and takes the present one", async () => {
    await simulator.created("cn-a");
    const etag = String((await simulator.get(at("/cn-a"))).headers["etag"]);
    const change = (value: string) =>
      simulator.call("PATCH", at("/cn-a"), { config: { "user.a": value } }, { "if-match": etag });
    expect((await change("1")).status).toBe(200);
    expect(await change("2")).toMatchObject({
      status: 412,
      body: { error: expect.stringMatching(/^ETag doesn't match: /) },
    });
  });

  it("refuses a bad value and changes nothing", async () => {
    await simulator.created("cn-a");
    const answer = await simulator.call("PATCH", at("/cn-a"), { config: { "limits.cpu": "x" } });
    expect(answer).toMatchObject({ status: 500, body: { error: "Invalid config: Invalid CPU limit syntax" } });
    expect((await simulator.get(at("/cn-a"))).body["metadata"]?.["config"]).toMatchObject({ "limits.cpu": "1" });
  });
});

describe("listing", () => {
  beforeEach(async () => {
    await simulator.created("cn-a", { config: { "user.cloudnexus.id": "srv_a" } });
    await simulator.created("cn-b", { config: { "user.cloudnexus.id": "srv_b" } });
  });

  it("grows with recursion", async () => {
    expect((await simulator.get(at(""))).body["metadata"]).toEqual([at("/cn-a"), at("/cn-b")]);
    expect((await simulator.get(`${at("")}&recursion=1`)).body["metadata"]?.[0]).not.toHaveProperty("state");
    expect((await simulator.get(`${at("")}&recursion=2`)).body["metadata"]?.[0]).toMatchObject({
      state: { status: "Stopped" },
    });
  });

  it.each([
    ["config.user.cloudnexus.id eq srv_b", ["cn-b"]],
    ["name eq cn-a", ["cn-a"]],
    ["name eq cn-.*", ["cn-a", "cn-b"]],
    ["name ne cn-a and status eq stopped", ["cn-b"]],
    ["name eq cn-a or not name eq cn-a", ["cn-a", "cn-b"]],
    ["config.user.other eq x", []],
  ])("is filtered by %s", async (filter, names) => {
    const { body } = await simulator.get(`${at("")}&recursion=1&filter=${encodeURIComponent(filter)}`);
    expect(list(body["metadata"]).map((found) => found["name"])).toEqual(names);
  });

  it("refuses a filter that is none", async () => {
    expect(await simulator.get(`${at("")}&filter=name`)).toMatchObject({
      status: 400,
      body: { error: "Invalid filter: clause has no operator" },
    });
  });

  it("keeps projects apart unless all are asked for", async () => {
    expect((await simulator.get("/1.0/instances")).body["metadata"]).toEqual([]);
    expect((await simulator.get("/1.0/instances?project=nope")).body["metadata"]).toEqual([]);
    expect((await simulator.get("/1.0/instances?all-projects=true")).body["metadata"]).toHaveLength(2);
  });
});
