import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { followEvents } from "../support/event-stream.ts";
import { actOnServerAndWait, makeServer, shownServer } from "../support/server-actions.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/** PATCH /v1/servers/{id} on the whole stack: on the row at once, in the guest with the next disk. */

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
});
afterAll(() => world.close());

const patch = (id: string, body: object, headers: Record<string, string> = {}) =>
  world.api.call("PATCH", `/v1/servers/${id}`, body, headers);

describe("a server", () => {
  it("has its new name and labels at once, and is found by them", async () => {
    const id = await makeServer(world, "described");
    const { updated_at: _, ...before } = await shownServer(world, id);
    const answer = await patch(id, { name: "described-2", labels: { env: "test" } });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({ ...before, name: "described-2", labels: { env: "test" } });
    const named = async (name: string) => (await world.api.list(`/v1/servers?name=${name}`)).map((server) => server.id);
    expect(await named("described")).toEqual([]);
    expect(await named("described-2")).toEqual([id]);
    expect((await world.api.list("/v1/servers?label=env%3Dtest")).map((server) => server.id)).toEqual([id]);
  });

  it("keeps what the body leaves out, and loses the labels that it does not repeat", async () => {
    const id = await makeServer(world, "partly");
    await patch(id, { labels: { env: "test", team: "web" } });
    await patch(id, { name: "partly-2" });
    expect(await shownServer(world, id)).toMatchObject({ name: "partly-2", labels: { env: "test", team: "web" } });
    await patch(id, { labels: { team: "db" } });
    expect((await shownServer(world, id))["labels"]).toEqual({ team: "db" });
  });

  it("can't have a name that a living one has, and can have its own and that of one that is gone", async () => {
    const [id, other] = [await makeServer(world, "wants"), await makeServer(world, "has")];
    const refused = await patch(id, { name: "has", labels: { env: "test" } });
    expect(refused).toMatchObject({ status: 409, body: { error: { code: "name_taken" } } });
    expect(await shownServer(world, id)).toMatchObject({ name: "wants", labels: {} });
    expect((await patch(id, { name: "wants" })).status).toBe(200);
    await world.api.actionEnd((await world.api.deleteServer(other)).body.data.id);
    expect((await patch(id, { name: "has" })).status).toBe(200);
  });

  it("that is not there any more is not found", async () => {
    const id = await makeServer(world, "gone");
    await world.api.actionEnd((await world.api.deleteServer(id)).body.data.id);
    expect((await patch(id, { name: "back" })).status).toBe(404);
  });

  it("that is being made is changed too, and no action comes of it", async () => {
    const match = { method: "POST", path: "/1.0/instances" };
    const hold = await world.simulator.addFault({ kind: "hold_before", match, count: 1 });
    const { id, action_id } = (await world.api.createServer("unfinished")).body.data;
    await waitUntil("its instance is being made", () => world.simulator.isHolding(hold));
    expect((await patch(id, { labels: { env: "test" } })).body.data).toMatchObject({
      ...{ action_id, status: "provisioning", labels: { env: "test" } },
    });
    await world.simulator.release(hold);
    expect((await world.api.actionEnd(action_id)).status).toBe("succeeded");
    expect(await shownServer(world, id)).toMatchObject({ status: "active", labels: { env: "test" } });
    expect(await world.sql("SELECT type FROM actions WHERE resource_id = $1", [id])).toEqual([{ type: "create" }]);
  });

  it("is renamed once by a request that is repeated, and shown as it is now", async () => {
    const id = await makeServer(world, "repeated");
    const key = { "Idempotency-Key": "rename" };
    await patch(id, { name: "repeated-2" }, key);
    await patch(id, { name: "repeated-3" });
    const again = await patch(id, { name: "repeated-2" }, key);
    expect(again).toMatchObject({ status: 200, body: { data: { name: "repeated-3" } } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });
});

describe("the event stream", () => {
  it("tells of the change, with how the server is after it", async () => {
    const id = await makeServer(world, "told");
    const stream = await followEvents(world.api.address, API_KEY, { query: `?resource_id=${id}` });
    await patch(id, { name: "told-2", labels: { env: "test" } });
    await stream.until("the change is told", (told) => told.length > 1);
    expect(stream.told[1]).toMatchObject({
      event: "server.updated",
      data: { data: { id, name: "told-2", labels: { env: "test" } } },
    });
    await stream.close();
  });
});

describe("the host name in the guest", () => {
  async function userDataOf(id: string): Promise<string | undefined> {
    const { instances } = await world.simulator.snapshot();
    return instances.find(({ name }) => name === instanceName(id))?.config["cloud-init.user-data"];
  }

  it("stays until a rebuild, which gives it the name of now", async () => {
    const id = await makeServer(world, "host-1");
    const before = await userDataOf(id);
    expect(before).toContain('hostname: "host-1"');
    await patch(id, { name: "host.2" });
    await actOnServerAndWait(world, id, "reboot");
    expect(await userDataOf(id)).toBe(before);
    await actOnServerAndWait(world, id, "rebuild");
    expect(await userDataOf(id)).toBe(before?.replace("host-1", "host-2"));
  });

  it("is that of now for a create that is tried again", async () => {
    await world.simulator.addFault({ kind: "disk_full", match: { method: "POST", path: "/1.0/instances" }, count: 1 });
    const { id, action_id } = (await world.api.createServer("first-try")).body.data;
    expect((await world.api.actionEnd(action_id)).status).toBe("failed");
    await patch(id, { name: "second-try" });
    await actOnServerAndWait(world, id, "retry");
    expect(await userDataOf(id)).toContain('hostname: "second-try"');
  });
});
