import { Agent, request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { aroundActivities } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { actionOfEndedWorkflow } from "../support/ended-workflow.ts";
import { actOnServerAndWait, makeServer, shownServer } from "../support/server-actions.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let around: Parameters<typeof aroundActivities>[0] = () => undefined;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => around(activity))]);
});
afterEach(() => {
  around = () => undefined;
});
afterAll(() => world.close());

/** As its guest would by itself, or an operator past us. */
async function switchOffPastUs(id: string): Promise<void> {
  const dispatcher = new Agent({ connect: { socketPath: world.simulator.socket } });
  const path = `/1.0/instances/${id.replace("srv_", "cn-")}/state?project=cloudnexus-us-east-1`;
  await request(`http://simulator${path}`, {
    method: "PUT",
    dispatcher,
    body: JSON.stringify({ action: "stop", force: true, timeout: 0 }),
  });
  await waitUntil("it is off", async () => (await instanceOf(id))?.status === "Stopped");
  await dispatcher.close();
}

async function instanceOf(id: string) {
  const { instances } = await world.simulator.snapshot();
  return instances.find(({ name }) => name === id.replace("srv_", "cn-"));
}

describe("an active server", () => {
  it("is stopped, started and rebooted, and keeps address and status", async () => {
    const id = await makeServer(world, "power");
    const { ipv4 } = await shownServer(world, id);
    await actOnServerAndWait(world, id, "stop");
    expect(await shownServer(world, id)).toMatchObject({ status: "active", power_state: "stopped", ipv4 });
    expect((await instanceOf(id))?.status).toBe("Stopped");
    await actOnServerAndWait(world, id, "start");
    expect(await shownServer(world, id)).toMatchObject({ status: "active", power_state: "running", ipv4 });
    await actOnServerAndWait(world, id, "reboot");
    expect(await shownServer(world, id)).toMatchObject({ status: "active", power_state: "running", ipv4 });
    expect((await instanceOf(id))?.status).toBe("Running");
  });

  it("that switched itself off is found so: a stop is true to it, a start boots it", async () => {
    const id = await makeServer(world, "self-made");
    await switchOffPastUs(id);
    expect(await shownServer(world, id)).toMatchObject({ power_state: "running" });
    await actOnServerAndWait(world, id, "stop");
    expect(await shownServer(world, id)).toMatchObject({ power_state: "stopped" });
    await actOnServerAndWait(world, id, "start");
    await switchOffPastUs(id);
    await actOnServerAndWait(world, id, "start");
    expect((await instanceOf(id))?.status).toBe("Running");
  });

  it.each(["resume", "retry"])("refuses %s", async (type) => {
    const id = await makeServer(world, `refuses-${type}`);
    const answer = await world.api.actOnServer(id, type);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "invalid_status" } } });
    expect(answer.body.error.message).toContain("active");
  });
});

describe("a suspended server", () => {
  it("keeps disk, address, keys and capacity, refuses power calls, and comes back", async () => {
    const sshKeyId = await createSshKey(world.api);
    const { body } = await world.api.createServer("suspended", { ssh_keys: [sshKeyId] });
    await world.api.actionEnd(body.data.action_id);
    const { id, ipv4 } = body.data;
    const { addresses, capacity, attachedKeys, volumes } = await slate(world);
    await actOnServerAndWait(world, id, "suspend");
    expect(await shownServer(world, id)).toMatchObject({ status: "suspended", power_state: "stopped", ipv4 });
    expect(await slate(world)).toMatchObject({ addresses, capacity, attachedKeys, volumes });

    for (const type of ["start", "stop", "reboot", "suspend", "retry"]) {
      const answer = await world.api.actOnServer(id, type);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "invalid_status" } } });
      expect(answer.body.error.message).toContain("suspended");
    }
    await actOnServerAndWait(world, id, "resume");
    expect(await shownServer(world, id)).toMatchObject({ status: "active", power_state: "running", ipv4 });
  });
});

describe("a resize", () => {
  it("gives plan and limits, running or not, and promises the region what it is", async () => {
    const id = await makeServer(world, "resized");
    const limits = async () =>
      Object.entries((await instanceOf(id))?.config ?? {}).filter(([key]) => /^limits/.test(key));
    const promised = () =>
      world.sql("SELECT vcpus, memory_mib, disk_gib FROM capacity_reservations WHERE resource_id = $1", [id]);
    await actOnServerAndWait(world, id, "resize", { plan: "pro" });
    expect(await shownServer(world, id)).toMatchObject({ plan: "pro", status: "active", power_state: "running" });
    expect(await limits()).toEqual([
      ["limits.cpu", "2"],
      ["limits.memory", "2048MiB"],
    ]);
    expect(await promised()).toEqual([{ vcpus: 2, memory_mib: 2048, disk_gib: 40 }]);
    // The same again is no change.
    await actOnServerAndWait(world, id, "resize", { plan: "pro" });
    expect(await promised()).toEqual([{ vcpus: 2, memory_mib: 2048, disk_gib: 40 }]);
  });

  it.each<[string, object, string, string]>([
    ["no plan", { type: "resize" }, "plan", "is required"],
    ["an unknown plan", { type: "resize", plan: "huge" }, "plan", "unknown plan"],
    ["a plan of databases", { type: "resize", plan: "standard" }, "plan", "unknown plan"],
    ["a smaller disk", { type: "resize", plan: "starter" }, "plan", "can only grow"],
    ["a plan for another type", { type: "stop", plan: "pro" }, "plan", "resize only"],
    ["an image for another type", { type: "resize", plan: "pro", image: "debian-12" }, "image", "rebuild only"],
    ["an unknown image", { type: "rebuild", image: "plan9" }, "image", "unknown image"],
  ])("with %s is refused, and nothing is begun", async (what, body, field, issue) => {
    const name = `refused-${what.replaceAll(" ", "-")}`;
    const created = (await world.api.createServer(name, { plan: "pro" })).body.data;
    await world.api.actionEnd(created.action_id);
    const answer = await world.api.call("POST", `/v1/servers/${created.id}/actions`, body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "validation_failed" } } });
    expect(answer.body.error.details).toEqual([{ field, issue: expect.stringContaining(issue) }]);
    expect((await shownServer(world, created.id))["action_id"]).toBe(created.action_id);
  });
});

describe("a rebuild", () => {
  it("gives a new disk and boots it; id, address, keys and labels stay", async () => {
    const sshKeyId = await createSshKey(world.api);
    const { body } = await world.api.createServer("rebuilt", { ssh_keys: [sshKeyId], labels: { env: "test" } });
    await world.api.actionEnd(body.data.action_id);
    const { id, ipv4 } = body.data;
    const documentsOf = async () => (await instanceOf(id))?.config["cloud-init.user-data"];
    const [before, documents] = [await instanceOf(id), await documentsOf()];
    await actOnServerAndWait(world, id, "rebuild", { image: "debian-12" });
    expect(await shownServer(world, id)).toMatchObject({
      ...{ id, ipv4, ssh_keys: [sshKeyId], labels: { env: "test" }, image: "debian-12" },
      ...{ status: "active", power_state: "running", error: null },
    });
    const after = await instanceOf(id);
    expect(after?.config["volatile.base_image"]).not.toBe(before?.config["volatile.base_image"]);
    expect(await documentsOf()).toBe(documents);
    // Without an image: the one it has by now.
    await actOnServerAndWait(world, id, "rebuild");
    expect(await shownServer(world, id)).toMatchObject({ image: "debian-12", power_state: "running" });
  });

  it("of an image that the region lost fails before anything is touched", async () => {
    const id = await makeServer(world, "image-lost");
    await world.simulator.addFault({
      ...{ kind: "error_before", status: 404, message: "Image alias not found" },
      match: { method: "GET", path: "/1.0/images/aliases/**" },
    });
    const before = await instanceOf(id);
    const { body } = await world.api.actOnServer(id, "rebuild", { image: "debian-12" });
    const ended = await world.api.actionEnd(body.data.id);
    await world.simulator.clearFaults();
    expect(ended).toMatchObject({ status: "failed", error: { code: "image_unavailable", step: "resolve_new_image" } });
    expect(await shownServer(world, id)).toMatchObject({
      status: "active",
      image: "ubuntu-22.04",
      power_state: "running",
    });
    expect(await instanceOf(id)).toEqual(before);
  });
});

describe("a create that failed", () => {
  it("keeps its row with the reason, and a retry is its second run", async () => {
    await world.simulator.addFault({ kind: "disk_full", match: { method: "POST", path: "/1.0/instances" }, count: 1 });
    const { body } = await world.api.createServer("retried", { image: "debian-12", labels: { env: "test" } });
    const { id, action_id: firstAction } = body.data;
    await world.api.actionEnd(firstAction);
    const failed = await shownServer(world, id);
    expect(failed).toMatchObject({
      ...{ status: "failed", power_state: "unknown", ipv4: null },
      error: { code: "storage_full", step: "create_instance", action_id: firstAction, retryable: true },
    });
    for (const type of ["start", "stop", "reboot", "suspend", "resume"]) {
      expect((await world.api.actOnServer(id, type)).body.error.code).toBe("invalid_status");
    }

    const retry = (await world.api.actOnServer(id, "retry")).body.data;
    expect(retry).toMatchObject({ type: "create", status: "running" });
    expect((await world.api.actionEnd(retry.id)).status).toBe("succeeded");
    expect(await shownServer(world, id)).toMatchObject({
      ...{ id, name: "retried", image: "debian-12", labels: { env: "test" } },
      ...{ status: "active", power_state: "running", ipv4: expect.any(String), error: null, action_id: retry.id },
    });
    // The workflow ends a moment after its action's row.
    await world.temporal.workflow.getHandle(`create-server/${id}/2`).result();
    expect((await world.api.get(`/v1/actions/${firstAction}`)).body.data).toMatchObject({
      ...{ status: "failed", error: { code: "storage_full", step: "create_instance" } },
    });
    expect((await world.api.actOnServer(id, "retry")).body.error.code).toBe("invalid_status");
  });
});

describe("a server on which an action runs", () => {
  it("refuses another and names the one that runs; a DELETE is not refused", async () => {
    const before = await slate(world);
    const id = await makeServer(world, "busy");
    const match = { method: "PUT", path: `/1.0/instances/${id.replace("srv_", "cn-")}/state` };
    const hold = await world.simulator.addFault({ kind: "hold_before", match });
    const running = (await world.api.actOnServer(id, "stop")).body.data.id;
    await waitUntil("the stop is held", () => world.simulator.isHolding(hold));
    for (const type of ["start", "stop", "reboot", "suspend"]) {
      const answer = await world.api.actOnServer(id, type);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "resource_busy" } } });
      expect(answer.body.error.details).toEqual([{ field: "action_id", issue: running }]);
    }
    const deletion = await world.api.deleteServer(id);
    expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
    expect((await world.api.actionEnd(running)).status).toBe("cancelled");
    await world.simulator.clearFaults();
    expect(await slate(world)).toEqual(before);
  });

  it("gives one of many that come at once", async () => {
    const id = await makeServer(world, "many");
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.api.actOnServer(id, "reboot")));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).toBeGreaterThan(0);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.every(({ body }) => body.error.code === "resource_busy")).toBe(true);
    for (const { body } of accepted) expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
  });
});

describe("an action that had succeeded when its worker died", () => {
  it("has succeeded, though another one began meanwhile", async () => {
    const id = await makeServer(world, "overtaken");
    let start = "";
    around = (activity) =>
      activity === "markStopped"
        ? async (run) => {
            await run();
            start = (await world.api.actOnServer(id, "start")).body.data.id;
            return run();
          }
        : undefined;
    const stop = (await world.api.actOnServer(id, "stop")).body.data.id;
    expect((await actionOfEndedWorkflow(world, `stop-server/${id}/1`, stop)).status).toBe("succeeded");
    expect((await world.api.actionEnd(start)).status).toBe("succeeded");
    expect(await shownServer(world, id)).toMatchObject({ power_state: "running", error: null });
  });
});
