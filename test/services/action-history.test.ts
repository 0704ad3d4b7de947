import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addAccount } from "../support/accounts.ts";
import { ApiClient, type Data } from "../support/api-client.ts";
import { actOnServerAndWait, makeServer } from "../support/server-actions.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
});
afterAll(() => world.close());

type ShownAction = Data & { type: string };

async function actionsAt(path: string): Promise<ShownAction[]> {
  return (await world.api.list(path)) as ShownAction[];
}

describe("the history of a server", () => {
  it("has every action, newest first, by page and by cursor; after its end it is found by the server's id", async () => {
    const id = await makeServer(world, "history");
    for (const type of ["stop", "start", "reboot"]) await actOnServerAndWait(world, id, type);
    const path = `/v1/servers/${id}/actions`;
    const types = (actions: ShownAction[]) => actions.map(({ type }) => type);
    expect(types(await actionsAt(path))).toEqual(["reboot", "start", "stop", "create"]);

    const first = await world.api.get(`${path}?per_page=3`);
    const { total, next_cursor: cursor } = first.body.meta.pagination as { total: number; next_cursor?: string };
    expect(total).toBe(4);
    expect(first.headers.get("link")).toContain(`<${path}?per_page=3&page=2>; rel="next"`);
    // What begins meanwhile does not shift it.
    await actOnServerAndWait(world, id, "stop");
    expect(types(await actionsAt(`${path}?per_page=3&cursor=${cursor}`))).toEqual(["create"]);

    const deletion = (await world.api.deleteServer(id)).body.data;
    await world.api.actionEnd(deletion.id);
    expect((await world.api.get(path)).status).toBe(404);
    expect(types(await actionsAt(`/v1/actions?resource_id=${id}`))).toEqual([
      ...["delete", "stop", "reboot", "start", "stop", "create"],
    ]);
    expect((await world.api.get(`/v1/actions/${deletion.id}`)).body.data.status).toBe("succeeded");
  });
});

describe("the history of a database", () => {
  it("has its actions", async () => {
    const { id, action_id } = (await world.api.createDatabase("history")).body.data;
    await world.api.actionEnd(action_id);
    expect((await actionsAt(`/v1/databases/${id}/actions`)).map((action) => action.id)).toEqual([action_id]);
    expect((await world.api.get(`/v1/servers/${id}/actions`)).status).toBe(404);
  });
});

describe("GET /v1/actions", () => {
  it("is narrowed by status, type and kind of resource, all together", async () => {
    const id = await makeServer(world, "filtered");
    await actOnServerAndWait(world, id, "stop");
    const stops = await actionsAt("/v1/actions?type=stop&status=succeeded&resource_type=server&per_page=100");
    expect(stops.length).toBeGreaterThan(0);
    expect(new Set(stops.map(({ type, status }) => `${type} ${status}`))).toEqual(new Set(["stop succeeded"]));
    expect(await actionsAt("/v1/actions?type=stop&resource_type=database")).toEqual([]);
    expect(await actionsAt("/v1/actions?status=running")).toEqual([]);
    expect((await actionsAt("/v1/actions?resource_type=server&type=stop&per_page=1"))[0]).toMatchObject({
      resource: { type: "server", id },
    });
    const wrong = await world.api.get("/v1/actions?type=explode&status=done");
    expect(wrong.body.error.details.map(({ field }) => field)).toEqual(["status", "type"]);
  });

  it("shows one account's alone", async () => {
    const other = new ApiClient(world.api.address, await addAccount(world, "another"));
    const id = await makeServer(world, "mine");
    expect((await other.get("/v1/actions")).body).toMatchObject({ data: [], meta: { pagination: { total: 0 } } });
    expect((await other.get(`/v1/actions?resource_id=${id}`)).body.meta.pagination.total).toBe(0);
  });
});

describe("POST /v1/actions/{id}/cancel", () => {
  it("takes the write scope of the kind of resource that the action works on", async () => {
    const key = (scopes: string[]) => world.api.call("POST", "/v1/api_keys", { name: "databases-only", scopes });
    const { token } = (await key(["databases:write"])).body.data as Data & { token: string };
    const action = (await world.api.createServer("of-another-kind")).body.data.action_id;
    const answer = await new ApiClient(world.api.address, token).call("POST", `/v1/actions/${action}/cancel`);
    expect(answer).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
    expect(answer.body.error.message).toContain("servers:write");
    expect((await world.api.actionEnd(action)).status).toBe("succeeded");
  });
});
