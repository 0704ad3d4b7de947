import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningApi, startApi } from "../../src/start-api.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { ApiClient } from "../support/api-client.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { newPublicKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

let world: World;
let way: Awaited<ReturnType<typeof DatabaseProxy.start>>;
let running: RunningApi;
let api: ApiClient;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  way = await DatabaseProxy.start(world.config.databaseUrl);
  running = await startApi(
    { ...world.config, databaseUrl: way.url },
    createLogger({ level: world.config.logLevel, name: "api" }),
  );
  api = new ApiClient(running.address, API_KEY);
});
afterEach(() =>
  waitUntil("no action is running", async () => {
    return (await world.sql("SELECT 1 FROM actions WHERE status = 'running'")).length === 0;
  }),
);
afterAll(async () => {
  await running.stop();
  way.stop();
  await world.close();
});

const count = async (from: string, values: unknown[]) =>
  (await world.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`, values))[0]!.count;

/** The next request commits, and nobody learns of it but the database. */
async function withoutItsCommit(request: () => Promise<{ status: number; headers: Headers; body: unknown }>) {
  const before = way.proxy.swallowedCommits;
  way.proxy.swallowNextCommit();
  const answer = await request();
  expect(way.proxy.swallowedCommits).toBe(before + 1);
  expect(answer).toMatchObject({ status: 503, body: { error: { code: "service_unavailable" } } });
  expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
}

describe("a connection to the database that is cut after the commit, before its answer", () => {
  it("of a create: the repetition answers with the one server, whose create ends well", async () => {
    const create = () => api.createServer("cut-create", {}, { "Idempotency-Key": "cut-create" });
    await withoutItsCommit(create);
    expect(await count("servers WHERE name = $1", ["cut-create"])).toBe(1);
    const again = await create();
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(again.body.data.ipv4).toMatch(/^10\./);
    expect((await world.api.actionEnd(again.body.data.action_id)).status).toBe("succeeded");
    expect(await count("servers WHERE name = $1", ["cut-create"])).toBe(1);
    expect(await count("actions WHERE resource_id = $1", [again.body.data.id])).toBe(1);
    expect(await count("ip_addresses WHERE resource_id = $1", [again.body.data.id])).toBe(1);
  });

  it("of a create that nobody repeats: it is carried out all the same", { timeout: 120_000 }, async () => {
    await withoutItsCommit(() => api.createServer("cut-alone", {}, { "Idempotency-Key": "cut-alone" }));
    const [row] = await world.sql<{ action_id: string }>("SELECT action_id FROM servers WHERE name = 'cut-alone'");
    expect((await world.api.actionEnd(row!.action_id)).status).toBe("succeeded");
  });

  it("of a delete: the repetition answers with the one action", async () => {
    const { id, action_id } = (await api.createServer("cut-delete")).body.data;
    await world.api.actionEnd(action_id);
    const remove = () => api.call("DELETE", `/v1/servers/${id}`, undefined, { "Idempotency-Key": "cut-delete" });
    await withoutItsCommit(remove);
    const again = await remove();
    expect(again.status).toBe(202);
    expect((await world.api.actionEnd(again.body.data.id)).status).toBe("succeeded");
    expect(await count("actions WHERE resource_id = $1 AND type = 'delete'", [id])).toBe(1);
  });

  it("of an SSH key: the repetition answers with the one key", async () => {
    const body = { name: "cut-key", public_key: newPublicKey() };
    const upload = () => api.call("POST", "/v1/ssh_keys", body, { "Idempotency-Key": "cut-key" });
    await withoutItsCommit(upload);
    const again = await upload();
    expect(again).toMatchObject({ status: 201, body: { data: { name: "cut-key" } } });
    expect(await count("ssh_keys WHERE name = $1", ["cut-key"])).toBe(1);
  });
});

describe("all connections to the database cut", () => {
  it("between two requests: the next one is answered by new ones", async () => {
    expect((await api.get("/v1/servers")).status).toBe(200);
    way.proxy.cutAll();
    await waitUntil("a read is answered", async () => (await api.get("/v1/servers")).status === 200);
    expect((await api.createServer("after-the-cut")).status).toBe(201);
  });
});

describe("a client that goes before it has its answer", () => {
  it("repeats its create and gets the one server", async () => {
    const body = JSON.stringify({ name: "gone-client", plan: "starter", region: "us-east-1" });
    const connection = await RawConnection.open(running.address);
    const head = ["POST /v1/servers HTTP/1.1", "Host: api", `Authorization: Bearer ${API_KEY}`];
    const framing = [
      "Idempotency-Key: gone-client",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
    ];
    connection.send(`${[...head, ...framing].join("\r\n")}\r\n\r\n${body}`);
    await waitUntil("it is accepted", async () => (await count("servers WHERE name = $1", ["gone-client"])) === 1);
    connection.destroy();

    const again = await api.createServer("gone-client", {}, { "Idempotency-Key": "gone-client" });
    expect(again.status).toBe(201);
    expect((await world.api.actionEnd(again.body.data.action_id)).status).toBe("succeeded");
    expect(await count("servers WHERE name = $1", ["gone-client"])).toBe(1);
    expect(await count("actions WHERE resource_id = $1", [again.body.data.id])).toBe(1);
  });
});
