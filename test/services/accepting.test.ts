import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { slate } from "../support/clean-slate.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
});
// What a test started has ended before the next one looks around.
afterEach(() =>
  waitUntil("no action is running", async () => {
    return (await world.sql("SELECT 1 FROM actions WHERE status = 'running'")).length === 0;
  }),
);
afterAll(() => world.close());

describe("POST /v1/servers", () => {
  it("answers 201 with the address the server then has", async () => {
    const answer = await world.api.createServer("web-01", { image: "debian-12" });
    expect(answer.status).toBe(201);
    expect(answer.body.data).toMatchObject({ name: "web-01", status: "provisioning" });
    expect(answer.body.data.ipv4).toMatch(/^10\.88\.0\.\d+$/);

    const action = await world.api.actionEnd(answer.body.data.action_id);
    expect(action).toMatchObject({ status: "succeeded", progress: 100, error: null });
    expect(action.steps.every((step: { status: string; attempt: number }) => step.status === "succeeded")).toBe(true);
    const server = (await world.api.get(`/v1/servers/${answer.body.data.id}`)).body.data;
    expect(server).toMatchObject({ status: "active", power_state: "running", ipv4: answer.body.data.ipv4 });
  });

  it("sets the plan's limits, the address and the owner's tags on the instance", async () => {
    const { body } = await world.api.createServer("limits-01", { plan: "pro", region: "eu-west-2" });
    await world.api.actionEnd(body.data.action_id);
    const { instances } = await world.simulator.snapshot();
    const name = `cn-${body.data.id.slice("srv_".length)}`;
    expect(instances.find((instance) => instance.name === name)).toMatchObject({
      project: "cloudnexus-eu-west-2",
      config: {
        "limits.cpu": "2",
        "limits.memory": "2048MiB",
        "user.cloudnexus.id": body.data.id,
        "user.cloudnexus.kind": "server",
        "user.cloudnexus.region": "eu-west-2",
      },
      devices: { root: { size: "40GiB" }, eth0: { "ipv4.address": body.data.ipv4 } },
    });
  });

  it("makes one server of 50 requests at once with the same Idempotency-Key", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world.api.createServer("once-01", {}, { "idempotency-key": "fifty-at-once" })),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body.data.id)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.body.data.ipv4)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get("idempotent-replayed") === "true")).toHaveLength(49);
    const rows = await world.sql("SELECT 1 FROM servers WHERE name = 'once-01'");
    expect(rows).toHaveLength(1);
    await world.api.actionEnd(answers[0]!.body.data.action_id);
  });

  it("refuses the same Idempotency-Key for another body", async () => {
    await world.api.createServer("key-a", {}, { "idempotency-key": "reused" });
    const answer = await world.api.createServer("key-b", {}, { "idempotency-key": "reused" });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "idempotency_key_reused" } } });
  });

  it("replays with the present state", async () => {
    const headers = { "idempotency-key": "present-state" };
    const first = await world.api.createServer("state-01", {}, headers);
    await world.api.actionEnd(first.body.data.action_id);
    const again = await world.api.createServer("state-01", {}, headers);
    expect(again.status).toBe(201);
    expect(again.body.data).toMatchObject({ id: first.body.data.id, status: "active" });
  });

  it("replays although a key that the request named was deleted since", async () => {
    const sshKeyId = await createSshKey(world.api);
    const request = { ssh_keys: [sshKeyId] };
    const headers = { "idempotency-key": "key-deleted-since" };
    const first = await world.api.createServer("replay-01", request, headers);
    await world.api.actionEnd(first.body.data.action_id);
    await world.api.call("DELETE", `/v1/ssh_keys/${sshKeyId}`);
    const again = await world.api.createServer("replay-01", request, headers);
    expect(again).toMatchObject({ status: 201, body: { data: { id: first.body.data.id, ssh_keys: [sshKeyId] } } });
    expect((await world.api.createServer("replay-02", request)).status).toBe(400);
  });

  it("refuses a name that a living server has, also when both come at once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.api.createServer("taken-01")));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    const refused = answers.filter((answer) => answer.status !== 201);
    expect(new Set(refused.map((answer) => answer.body.error.code))).toEqual(new Set(["name_taken"]));
  });

  it("names every unknown reference at once, and makes nothing", async () => {
    const before = await world.sql("SELECT count(*) FROM servers");
    const answer = await world.api.createServer("bad-refs", {
      plan: "standard",
      region: "mars-1",
      image: "windows",
      ssh_keys: ["key_aaaaaaaaaaaaaaaaaaaaaaaa"],
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error.details.map((detail) => detail.field).sort()).toEqual([
      "image",
      "plan",
      "region",
      "ssh_keys[0]",
    ]);
    expect(await world.sql("SELECT count(*) FROM servers")).toEqual(before);
  });
});

describe("DELETE /v1/servers/{id}", () => {
  it("sent twenty times at once releases once", async () => {
    const before = await slate(world);
    const { body } = await world.api.createServer("twenty-deletes");
    await world.api.actionEnd(body.data.action_id);
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.api.deleteServer(body.data.id)));
    const accepted = answers.filter((answer) => answer.status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    // One that came after the end finds nothing.
    expect(answers.every((answer) => answer.status === 202 || answer.status === 404)).toBe(true);
    expect(new Set(accepted.map((answer) => answer.body.data.id)).size).toBe(1);
    await world.api.actionEnd(accepted[0]!.body.data.id);
    await waitUntil(
      "the server is gone",
      async () => (await world.api.get(`/v1/servers/${body.data.id}`)).status === 404,
    );
    expect(await slate(world)).toEqual(before);
  });

  it("frees the name", async () => {
    const first = await world.api.createServer("name-again");
    await world.api.actionEnd((await world.api.deleteServer(first.body.data.id)).body.data.id);
    expect((await world.api.createServer("name-again")).status).toBe(201);
  });

  it("of a failed server removes it", async () => {
    await world.simulator.addFault({
      match: { method: "POST", path: "/1.0/instances", project: "cloudnexus-us-east-1" },
      kind: "disk_full",
      count: 1,
    });
    const { body } = await world.api.createServer("disk-full");
    const action = await world.api.actionEnd(body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: "storage_full", step: "create_instance" } });
    await world.api.actionEnd((await world.api.deleteServer(body.data.id)).body.data.id);
    expect((await world.api.get(`/v1/servers/${body.data.id}`)).status).toBe(404);
  });
});

describe("a foreign object under the server's name", () => {
  it("fails the create, and is neither adopted nor deleted", async () => {
    // The id is known only after the POST, so the instance is planted while the create is held.
    const fault = await world.simulator.addFault({
      match: { method: "GET", path: "/1.0/images/**" },
      kind: "hold_before",
      count: 1,
    });
    const created = world.api.createServer("foreign");
    await waitUntil("the create is held", () => world.simulator.isHolding(fault));
    const { body } = await created;
    const name = `cn-${body.data.id.slice("srv_".length)}`;
    await world.simulator.plantInstance({
      name,
      project: "cloudnexus-us-east-1",
      config: { "user.owner": "somebody" },
    });
    await world.simulator.release(fault);

    const action = await world.api.actionEnd(body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: "instance_conflict", step: "create_instance" } });
    await world.api.actionEnd((await world.api.deleteServer(body.data.id)).body.data.id);
    const { instances } = await world.simulator.snapshot();
    expect(instances.filter((instance) => instance.name === name)).toHaveLength(1);
  });
});
