import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/domain/limits.ts";
import { type RunningApi, startApi } from "../../src/start-api.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { addAccount } from "../support/accounts.ts";
import { ApiClient, type Data } from "../support/api-client.ts";
import { makeDatabase } from "../support/database-actions.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { type Followed, followEvents, type Told } from "../support/event-stream.ts";
import { newPublicKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

const logger = createLogger({ level: "silent", name: "test" });
let world: World;
const processes: RunningApi[] = [];
const open: Followed[] = [];

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((stream) => stream.close()));
  await Promise.all(processes.splice(0).map((api) => api.stop()));
  await world.simulator.clearFaults();
});
afterAll(() => world.close());

type Options = Parameters<typeof followEvents>[2] & { token?: string; address?: string };

async function follow({ token = API_KEY, address = world.api.address, ...options }: Options = {}): Promise<Followed> {
  const stream = await followEvents(address, token, options);
  open.push(stream);
  return stream;
}

/** Another API process on the same database, as far as the API knows. */
async function startProcess(databaseUrl = world.config.databaseUrl): Promise<RunningApi> {
  const api = await startApi({ ...world.config, databaseUrl, bootstrapApiKey: API_KEY }, logger);
  processes.push(api);
  return api;
}

const isOf =
  (id: string) =>
  ({ data }: Told): boolean =>
    data?.resource.id === id;

/** Waits for the end of the action on the stream, and answers what was told of the resource since `from`. */
async function lifeOf(stream: Followed, id: string, actionId: string, from = 0): Promise<string[]> {
  await stream.until(`the end of ${actionId} is told`, (told) =>
    told.some(
      ({ event, data }) => data?.action_id === actionId && /^action\.(succeeded|failed|cancelled)$/.test(event),
    ),
  );
  return stream.told
    .slice(from)
    .filter(isOf(id))
    .map(({ event }) => event);
}

async function makeKey(scopes: string[]): Promise<Data & { token: string }> {
  const answer = await world.api.call("POST", "/v1/api_keys", { name: `key-${Math.random()}`, scopes });
  return answer.body.data as Data & { token: string };
}

function rename(id: string, name: string): Promise<unknown> {
  return world.sql("UPDATE servers SET name = $2 WHERE id = $1", [id, name]);
}

async function aServer(name: string): Promise<Data> {
  const server = (await world.api.createServer(name)).body.data;
  await world.api.actionEnd(server.action_id);
  return server;
}

describe("the life of a server", () => {
  it("is told once: its create, what is done with it, its delete", async () => {
    const stream = await follow();
    const { id, action_id: created } = (await world.api.createServer("told")).body.data;
    expect(await lifeOf(stream, id, created)).toEqual([
      ...["server.created", "action.started", "server.updated", "server.active", "action.succeeded"],
    ]);
    const active = stream.told.find(({ event, data }) => event === "server.active" && data?.resource.id === id);
    // Nothing that is told shows more, or less, or otherwise, than the call does.
    expect(active?.data?.data).toEqual((await world.api.get(`/v1/servers/${id}`)).body.data);
    const told = stream.told.length;
    const stopped = (await world.api.actOnServer(id, "stop")).body.data.id;
    expect(await lifeOf(stream, id, stopped, told)).toEqual(["action.started", "server.updated", "action.succeeded"]);
    const before = stream.told.length;
    const deleted = (await world.api.deleteServer(id)).body.data.id;
    expect(await lifeOf(stream, id, deleted, before)).toEqual([
      ...["action.started", "server.deleting", "server.updated", "server.deleted", "action.succeeded"],
    ]);
  });

  it("that fails, and one that is cancelled", async () => {
    const stream = await follow();
    await world.simulator.addFault({ match: { method: "POST", path: "/1.0/instances" }, kind: "disk_full", count: 1 });
    const failed = (await world.api.createServer("fails")).body.data;
    const life = await lifeOf(stream, failed.id, failed.action_id);
    expect(life).toEqual([
      ...["server.created", "action.started", "server.updated", "server.updated", "server.failed", "action.failed"],
    ]);
    const end = stream.told.findLast(isOf(failed.id))?.data?.data;
    expect(end).toMatchObject({ status: "failed", error: { code: "storage_full", step: "create_instance" } });
    expect(end?.["error"]).not.toHaveProperty("leftovers");

    const hold = await world.simulator.addFault({
      match: { method: "POST", path: "/1.0/instances" },
      kind: "hold_before",
    });
    const cancelled = (await world.api.createServer("is-cancelled")).body.data;
    await world.api.call("POST", `/v1/actions/${cancelled.action_id}/cancel`);
    await world.simulator.release(hold);
    expect((await lifeOf(stream, cancelled.id, cancelled.action_id)).slice(-2)).toEqual([
      ...["server.failed", "action.cancelled"],
    ]);
  });

  it("that was refused, or only looked at, is not told", async () => {
    const { id } = await aServer("taken");
    const stream = await follow();
    expect((await world.api.createServer("taken")).status).toBe(409);
    expect(
      (await world.api.call("POST", "/v1/servers?dry_run=true", { name: "dry", plan: "starter", region: "us-east-1" }))
        .status,
    ).toBe(200);
    await rename(id, "taken-2");
    await stream.until("the change is told", (told) => told.length > 1);
    expect(stream.types()).toEqual(["server.updated"]);
  });
});

it("tells of databases and keys too", async () => {
  const stream = await follow();
  const id = await makeDatabase(world, "told-db", false);
  expect((await world.api.call("PATCH", `/v1/databases/${id}`, { labels: { env: "test" } })).status).toBe(200);
  const deleted = (await world.api.deleteDatabase(id)).body.data.id;
  const life = await lifeOf(stream, id, deleted);
  expect(life.filter((type) => type !== "database.updated")).toEqual([
    ...["database.created", "action.started", "database.active", "action.succeeded"],
    ...["action.started", "database.deleting", "database.deleted", "action.succeeded"],
  ]);
  expect(stream.told.find(({ data }) => JSON.stringify(data).includes('"env":"test"'))?.event).toBe("database.updated");
  expect(JSON.stringify(stream.told)).not.toMatch(/password|PRIVATE/i);
  const key = (await world.api.call("POST", "/v1/ssh_keys", { name: "told", public_key: newPublicKey() })).body.data.id;
  await world.api.call("DELETE", `/v1/ssh_keys/${key}`);
  const apiKey = await makeKey(["servers:read"]);
  await world.api.call("POST", `/v1/api_keys/${apiKey.id}/roll`, {});
  await world.api.call("DELETE", `/v1/api_keys/${apiKey.id}`);
  await stream.until("the revoke is told", (told) => told.some(({ event }) => event === "api_key.revoked"));
  expect(stream.types().slice(-5)).toEqual([
    ...["ssh_key.created", "ssh_key.deleted", "api_key.created", "api_key.rolled", "api_key.revoked"],
  ]);
  expect(JSON.stringify(stream.told)).not.toContain(apiKey.token);
});

describe("who sees what", () => {
  it("follows the scopes of the key, and the filters", async () => {
    const { id } = await aServer("seen");
    const databaseId = await makeDatabase(world, "seen-db", false);
    const keys = {
      servers: await makeKey(["servers:read"]),
      databases: await makeKey(["databases:read"]),
      actions: await makeKey(["actions:read"]),
      ssh: await makeKey(["ssh_keys:read"]),
    };
    const streams = {
      servers: await follow({ token: keys.servers.token }),
      databases: await follow({ token: keys.databases.token }),
      actions: await follow({ token: keys.actions.token }),
      ssh: await follow({ token: keys.ssh.token }),
      ofOne: await follow({ query: `?resource_id=${databaseId}` }),
      ofType: await follow({ query: "?type=ssh_key.created" }),
    };
    const stopped = (await world.api.actOnServer(id, "stop")).body.data.id;
    await world.api.actionEnd(stopped);
    const restarted = (await world.api.actOnDatabase(databaseId, "restart")).body.data.id;
    await world.api.actionEnd(restarted);
    await world.api.call("POST", "/v1/ssh_keys", { name: "seen", public_key: newPublicKey() });
    const server = ["action.started", "server.updated", "action.succeeded"];
    const database = ["action.started", "action.succeeded"];
    const expected = {
      ...{ servers: server, databases: database, actions: [...database, ...database], ssh: ["ssh_key.created"] },
      ...{ ofOne: database, ofType: ["ssh_key.created"] },
    };
    for (const [name, types] of Object.entries(expected)) {
      const stream = streams[name as keyof typeof streams];
      await stream.until(`${name} are told`, () => stream.types().length >= types.length);
      expect([name, ...stream.types()]).toEqual([name, ...types]);
    }
    const none = await makeKey(["servers:write"]);
    await expect(follow({ token: none.token })).rejects.toThrow("403");
  });

  it("is one account's: another one's ids are as unknown as any", async () => {
    const token = await addAccount(world, "stranger");
    const { id } = await aServer("mine");
    const stream = await follow();
    const strange = await follow({ token });
    await rename(id, "still-mine");
    await stream.until("it is told", (told) => told.length > 1);
    const known = stream.told.at(-1)?.id ?? "";
    await new ApiClient(world.api.address, token).call("POST", "/v1/ssh_keys", {
      name: "own",
      public_key: newPublicKey(),
    });
    await strange.until("their own is told", (told) => told.length > 1);
    expect(strange.types()).toEqual(["ssh_key.created"]);
    expect((await follow({ token, lastEventId: known })).told[0]?.event).toBe("reset");
    expect((await follow({ token: API_KEY, lastEventId: known })).told[0]?.event).toBe("ready");
  });

  it("ends with the key, in every process", async () => {
    const key = await makeKey(["servers:read"]);
    const expiring = await makeKey(["servers:read"]);
    const elsewhere = await startProcess();
    const streams = [
      await follow({ token: key.token }),
      await follow({ token: key.token, address: elsewhere.address }),
      await follow({ token: expiring.token }),
    ];
    const lasting = await follow();
    await world.api.call("DELETE", `/v1/api_keys/${key.id}`);
    await world.sql("UPDATE api_keys SET expires_at = now() WHERE id = $1", [expiring.id]);
    await Promise.all(streams.map(({ ended }) => ended));
    await lasting.until("the revoke is told", (told) => told.some(({ event }) => event === "api_key.revoked"));
  });

  it("has a limit of streams for each account", async () => {
    const token = await addAccount(world, "eager");
    const streams = await Promise.all(Array.from({ length: LIMITS.eventStreamsPerAccount }, () => follow({ token })));
    await expect(follow({ token })).rejects.toThrow("too_many_streams");
    await follow();
    await streams[0]?.close();
    // Its place is free once the API knows that it has gone.
    for (let isOpen = false; !isOpen; )
      isOpen = await follow({ token }).then(
        () => true,
        () => false,
      );
  });
});

describe("a stream that was left", () => {
  it("goes on without loss or repetition, at other processes, while much is changed", async () => {
    const WRITERS = 8;
    const CHANGES = 30;
    const first = await startProcess();
    const { id: marker } = await aServer("marker");
    const beginning = await follow({ address: first.address });
    const servers = await Promise.all(Array.from({ length: WRITERS }, (_, index) => aServer(`written-${index}`)));
    const write = async ({ id }: Data, writer: number) => {
      for (let change = 0; change < CHANGES; change++) await rename(id, `written-${writer}-${change}`);
    };
    const written = Promise.all(servers.map(write)).then(() => rename(marker, "marker-last"));

    const told: Told[] = [];
    const isComplete = () => told.some(({ data }) => data?.data["name"] === "marker-last");
    let stream = beginning;
    let at = first;
    for (let round = 0; !isComplete(); round++) {
      const least = 1 + ((7 * round) % 23);
      await stream.until(
        "some are told, or all",
        () => stream.told.length > least || stream.told.some(({ data }) => data?.data["name"] === "marker-last"),
      );
      // Stops in the middle of it: what a client has got by then is all that counts.
      await at.stop();
      await stream.ended;
      told.push(...stream.told);
      at = await startProcess();
      const lastEventId = told.at(-1)?.id ?? "";
      stream = await follow({ address: at.address, lastEventId });
      expect(stream.told[0]).toMatchObject({ event: "ready", id: lastEventId });
    }
    await written;
    const ids = told.filter(({ data }) => data !== null).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [writer, { id }] of servers.entries()) {
      const names = told.filter(isOf(id)).map(({ data }) => data?.data["name"]);
      const renamed = names.filter((name) => String(name).startsWith(`written-${writer}-`));
      expect(renamed).toEqual(Array.from({ length: CHANGES }, (_, change) => `written-${writer}-${change}`));
    }
  });

  it("is told where events may be missing: of an event that is gone, or never was", async () => {
    const { id } = await aServer("old");
    const stream = await follow();
    const beginning = stream.told[0]?.id ?? "";
    await rename(id, "older");
    await stream.until("it is told", (told) => told.length > 1);
    await world.sql("DELETE FROM events WHERE resource_id = $1", [id]);
    await rename(id, "oldest");
    const late = await follow({ lastEventId: stream.told[1]?.id ?? "" });
    expect(late.told[0]?.event).toBe("reset");
    expect((await follow({ lastEventId: late.told[0]?.id ?? "" })).told[0]?.event).toBe("ready");
    await rename(id, "new");
    await late.until("what comes since is told", (told) => told.length > 1);
    expect(late.told[1]?.data?.data).toMatchObject({ name: "new" });
    expect(beginning).toMatch(/^evt_/);
  });

  it("goes on from a beginning before the first event of the account", async () => {
    const token = await addAccount(world, "young");
    await world.sql("DELETE FROM events WHERE account_id = (SELECT id FROM accounts WHERE name = 'young')");
    const stream = await follow({ token });
    await stream.close();
    await new ApiClient(world.api.address, token).call("POST", "/v1/ssh_keys", {
      name: "first",
      public_key: newPublicKey(),
    });
    const later = await follow({ token, lastEventId: stream.told[0]?.id ?? "" });
    await later.until("the first is told", (told) => told.length > 1);
    expect(later.types()).toEqual(["ssh_key.created"]);
  });
});

it("goes on when the database was away", async () => {
  const { id } = await aServer("away");
  const { proxy, url, stop } = await DatabaseProxy.start(world.config.databaseUrl);
  const api = await startProcess(url);
  const stream = await follow({ address: api.address });
  await rename(id, "before");
  await stream.until("it is told", (told) => told.length > 1);
  proxy.cutAll();
  await rename(id, "meanwhile");
  proxy.cutAll();
  await rename(id, "after");
  await stream.until("all is told", (told) => told.length > 3);
  expect(stream.told.slice(1).map(({ data }) => data?.data["name"])).toEqual(["before", "meanwhile", "after"]);
  await stream.close();
  await api.stop();
  processes.splice(processes.indexOf(api), 1);
  stop();
});

it("forgets what is older than it promises to keep", async () => {
  const { id } = await aServer("forgotten");
  await world.sql("UPDATE events SET created_at = now() - interval '8 days' WHERE resource_id = $1", [id]);
  await rename(id, "kept");
  await waitUntil("the sweep has come by", async () => {
    return (await world.sql("SELECT 1 FROM events WHERE resource_id = $1", [id])).length === 1;
  });
});
