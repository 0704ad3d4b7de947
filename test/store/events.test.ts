import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AccountEvent, eventId, eventPosition } from "../../src/domain/event.ts";
import { newId } from "../../src/domain/ids.ts";
import type { Repositories } from "../../src/store/store.ts";
import { createTestStore, query } from "../support/database.ts";
import { seeded } from "../support/seeded.ts";
import { waitUntil } from "../support/wait.ts";

const SIZE = { vcpus: 1, memoryMib: 512, diskGib: 10 };
const ALL = 10_000;
let world: Awaited<ReturnType<typeof createTestStore>>;
const clients: pg.Client[] = [];

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  await world.close();
});

async function connectClient(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  clients.push(client);
  return client;
}

async function makeServer(accountId: string, repositories: Repositories = world.store) {
  const [id, actionId] = [newId("server"), newId("action")];
  await repositories.servers.insert({
    ...{
      id,
      accountId,
      name: id.replace("_", "-"),
      plan: "starter",
      region: "us-east-1",
      image: "debian-12",
      size: SIZE,
    },
    ...{ sshKeyIds: [], userDataBox: "box-of-user-data", labels: { env: "test" }, actionId },
  });
  return { id, actionId };
}

function all(accountId: string): Promise<AccountEvent[]> {
  return world.store.events.after(accountId, 0n, ALL);
}

async function types(accountId: string): Promise<string[]> {
  return (await all(accountId)).map(({ type }) => type);
}

const RENAME = "UPDATE servers SET name = $2 WHERE id = $1";

describe("changes and their events", () => {
  it("of a server: one for each difference that can be seen, with what it was then", async () => {
    const { servers } = world.store;
    const { id, actionId } = await makeServer("acc_a");
    await servers.setIpv4(id, "10.88.0.10");
    await servers.changeStatus(id, actionId, "active", null);
    await servers.setPowerState(id, actionId, "stopped");
    // No difference.
    await servers.setPowerState(id, actionId, "stopped");
    await servers.takeOver(id, newId("action"), "active");
    await servers.setError(id, actionId, null);
    await servers.takeOver(id, actionId, "deleting");
    await servers.markDeleted(id);
    await servers.markDeleted(id);
    const events = await all("acc_a");
    expect(events.map(({ type }) => type)).toEqual([
      ...["server.created", "server.updated", "server.active", "server.updated", "server.deleting", "server.deleted"],
    ]);
    const facts = events.map(
      ({ subject }) => subject.of as { status: string; powerState: string; ipv4: string | null },
    );
    expect(facts.map(({ status, powerState, ipv4 }) => `${status} ${powerState} ${ipv4}`)).toEqual([
      ...["provisioning unknown null", "provisioning unknown 10.88.0.10", "active running 10.88.0.10"],
      ...["active stopped 10.88.0.10", "deleting stopped 10.88.0.10", "deleting stopped null"],
    ]);
    expect(events.every((event) => event.resourceId === id && event.resourceType === "server")).toBe(true);
  });

  it("of a database, an action, keys: each its own, and none for notes", async () => {
    const { databases, actions, sshKeys, apiKeys } = world.store;
    const [id, actionId] = [newId("database"), newId("action")];
    await databases.insert({
      ...{ id, accountId: "acc_a", name: "app", plan: "standard", region: "us-east-1", size: SIZE, engine: "redis" },
      ...{
        major: "8",
        minVersion: null,
        version: "8.0",
        implementation: "Redis",
        trustedSources: [],
        labels: {},
        actionId,
      },
    });
    await actions.insert({
      ...{ id: actionId, accountId: "acc_a", type: "create", resourceKind: "database", resourceId: id },
      ...{ region: "us-east-1", image: "redis-8", requestId: newId("request") },
    });
    await actions.noteSteps(actionId, { resolve_image: { status: "running" } });
    await databases.setVersion(id, { version: "8.1", implementation: "Redis" });
    await databases.setTrustedSources(id, ["10.0.0.0/8"]);
    const failure = { code: "boot_timeout", message: "late", step: "start_instance", retryable: true } as const;
    await world.store.transaction(async (repositories) => {
      await repositories.databases.changeStatus(id, actionId, "failed", { ...failure, action_id: actionId });
      await repositories.actions.end(actionId, "failed", { ...failure, leftovers: ["the operator's"] });
    });
    await actions.end(actionId, "cancelled", null);
    const sshKey = newId("sshKey");
    const publicKey = "ssh-ed25519 AAAA";
    await sshKeys.insert({ id: sshKey, accountId: "acc_a", name: "k", publicKey, fingerprint: "f" });
    await sshKeys.delete(sshKey, "acc_a");
    await query(world.databaseUrl, "INSERT INTO accounts (id, name) VALUES ('acc_a', 'a')");
    const apiKey = newId("apiKey");
    const token = () => ({
      id: newId("apiKeyToken"),
      hint: `cn_${Math.random()}`,
      tokenHash: newId("request"),
      pepperId: "p",
    });
    await apiKeys.insert({ id: apiKey, accountId: "acc_a", name: "k", scopes: ["*"], expiresAt: null, token: token() });
    await apiKeys.noteUse(apiKey);
    await apiKeys.roll(apiKey, token(), new Date());
    await apiKeys.revoke(apiKey);
    expect(await types("acc_a")).toEqual([
      ...[
        "database.created",
        "action.started",
        "database.updated",
        "database.updated",
        "database.failed",
        "action.failed",
      ],
      ...["ssh_key.created", "ssh_key.deleted", "api_key.created", "api_key.rolled", "api_key.revoked"],
    ]);
    const failed = (await all("acc_a"))[5];
    expect(failed).toMatchObject({
      actionId,
      resourceId: id,
      subject: { kind: "action", of: { status: "failed", error: failure } },
    });
  });

  it("hold nothing that the calls do not show", async () => {
    const { id } = await makeServer("acc_a");
    const events = JSON.stringify((await all("acc_a")).map(({ subject }) => subject));
    expect(events).toContain(id);
    for (const secret of ["box-of-user-data", "userDataBox", "user_data"]) expect(events).not.toContain(secret);
  });

  it("are rolled back together", async () => {
    const { id, actionId } = await makeServer("acc_a");
    const changeOfMind = new Error("rolled back");
    const outcome = world.store.transaction(async (repositories) => {
      await makeServer("acc_a", repositories);
      await repositories.servers.changeStatus(id, actionId, "active", null);
      throw changeOfMind;
    });
    await expect(outcome).rejects.toBe(changeOfMind);
    expect(await types("acc_a")).toEqual(["server.created"]);
  });
});

describe("the order", () => {
  it("is that of the commits, however their transactions began and wrote", async () => {
    const [early, late] = [await makeServer("acc_a"), await makeServer("acc_a")];
    const first = await connectClient();
    await first.query("BEGIN");
    await first.query(RENAME, [early.id, "written-first"]);
    await query(world.databaseUrl, RENAME, [late.id, "committed-first"]);
    const seen = await all("acc_a");
    await first.query("COMMIT");
    const since = await world.store.events.after("acc_a", seen.at(-1)?.position.id ?? 0n, ALL);
    expect([seen.at(-1), ...since].map((event) => (event?.subject.of as { name: string }).name)).toEqual([
      ...["committed-first", "written-first"],
    ]);
  });

  it("has no gap that is filled later: who took a number commits before anybody else of the account", async () => {
    const [early, late, foreign] = [await makeServer("acc_a"), await makeServer("acc_a"), await makeServer("acc_b")];
    const before = await all("acc_a");
    const [slow, quick] = [await connectClient(), await connectClient()];
    await slow.query("BEGIN");
    await slow.query(RENAME, [early.id, "slow"]);
    // As a commit does it that then takes its time.
    await slow.query("SET CONSTRAINTS ALL IMMEDIATE");
    let hasCommitted = false;
    const commit = quick.query(RENAME, [late.id, "quick"]).then(() => {
      hasCommitted = true;
    });
    await waitUntil("the other commit waits", async () => {
      const waiting = await query(
        world.databaseUrl,
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
      );
      return waiting.length > 0;
    });
    // Another account's does not.
    await query(world.databaseUrl, RENAME, [foreign.id, "foreign"]);
    expect(await types("acc_b")).toEqual(["server.created", "server.updated"]);
    expect([hasCommitted, await all("acc_a")]).toEqual([false, before]);
    await slow.query("COMMIT");
    await commit;
    const since = await world.store.events.after("acc_a", before.at(-1)?.position.id ?? 0n, ALL);
    expect(since.map((event) => (event.subject.of as { name: string }).name)).toEqual(["slow", "quick"]);
  });

  it("lets readers that go on from what they saw miss nothing, beside many writers", async () => {
    const WRITERS = 12;
    const CHANGES = 40;
    const random = seeded(20_261_126);
    const servers = await Promise.all(Array.from({ length: WRITERS }, () => makeServer("acc_a")));
    const shared = await makeServer("acc_a");
    let isWriting = true;
    const read = async (limit: number) => {
      const seen: bigint[] = [];
      for (let isLast = false; !isLast; ) {
        isLast = !isWriting;
        const page = await world.store.events.after("acc_a", seen.at(-1) ?? 0n, limit);
        seen.push(...page.map(({ position }) => position.id));
        if (page.length === limit) isLast = false;
      }
      return seen;
    };
    const readers = [1, 7, 100].map(read);
    const write = async ({ id }: { id: string }, writer: number) => {
      const client = await connectClient();
      for (let change = 0; change < CHANGES; change++) {
        await client.query("BEGIN");
        await client.query(RENAME, [id, `w${writer}-${change}`]);
        // Some do more before they commit, all on one row that they meet at, and some change their mind.
        if (random() < 0.5) await client.query(RENAME, [shared.id, `s${writer}-${change}`]);
        if (random() < 0.3) await client.query("SELECT pg_sleep(0.002)");
        await client.query(random() < 0.2 ? "ROLLBACK" : "COMMIT");
      }
    };
    await Promise.all(servers.map(write));
    isWriting = false;
    const there = (await all("acc_a")).map(({ position }) => position.id);
    expect(there.length).toBeGreaterThan(WRITERS * CHANGES * 0.7);
    for (const seen of await Promise.all(readers)) expect(seen).toEqual(there);
    const last = (await all("acc_a")).findLast(({ resourceId }) => resourceId === shared.id);
    const [row] = await query<{ name: string }>(world.databaseUrl, "SELECT name FROM servers WHERE id = $1", [
      shared.id,
    ]);
    expect(last?.subject.of).toMatchObject(row ?? {});
  });
});

describe("ids", () => {
  it("are positions, and nothing else is", () => {
    for (const position of [
      { id: 0n, at: new Date(0) },
      { id: 1n, at: new Date("2026-11-26T10:00:00.123Z") },
      { id: 2n ** 63n - 1n, at: new Date("9999-12-31T23:59:59.999Z") },
    ]) {
      expect(eventId(position)).toMatch(/^evt_[a-z2-7]{24}$/);
      expect(eventPosition(eventId(position))).toEqual(position);
    }
    for (const text of ["", "1", `evt_${"7".repeat(24)}`, `act_${"a".repeat(24)}`, `evt_${"a".repeat(23)}`]) {
      expect(eventPosition(text)).toBeNull();
    }
  });

  it("are known while the event is there, in its account", async () => {
    const { id } = await makeServer("acc_a");
    const [position] = (await all("acc_a")).map((event) => event.position);
    if (!position) throw new Error("no event");
    const { events } = world.store;
    expect(await events.has("acc_a", position)).toBe(true);
    expect(await events.has("acc_b", position)).toBe(false);
    expect(await events.has("acc_a", { ...position, at: new Date(position.at.getTime() + 1) })).toBe(false);
    await query(world.databaseUrl, RENAME, [id, "another"]);
    expect(await events.deleteBefore(new Date(Date.now() + 60_000), 1)).toBe(1);
    expect(await events.has("acc_a", position)).toBe(false);
    expect(await types("acc_a")).toEqual(["server.updated"]);
  });
});

describe("notices", () => {
  it("come for accounts that are watched, and for no other; nobody watching, nobody is told", async () => {
    const heard: string[] = [];
    const notices = world.store.eventNotices((accountId) => heard.push(accountId));
    const { id } = await makeServer("acc_a");
    const unwatched = await makeServer("acc_b");
    notices.watch("acc_a");
    // One for what was there before.
    await waitUntil("it listens", () => heard.length === 1);
    await query(world.databaseUrl, RENAME, [unwatched.id, "unheard"]);
    await query(world.databaseUrl, RENAME, [id, "heard"]);
    await waitUntil("it was told", () => heard.length === 2);
    notices.unwatch("acc_a");
    notices.watch("acc_c");
    await waitUntil("it listens for another", () => heard.length === 3);
    await query(world.databaseUrl, RENAME, [id, "no more"]);
    await makeServer("acc_c");
    await waitUntil("it was told of the other", () => heard.length === 4);
    expect(heard).toEqual(["acc_a", "acc_a", "acc_c", "acc_c"]);
  });

  it("come again after their connection broke", async () => {
    const heard: string[] = [];
    const notices = world.store.eventNotices((accountId) => heard.push(accountId));
    const { id } = await makeServer("acc_a");
    notices.watch("acc_a");
    await waitUntil("it listens", () => heard.length === 1);
    await query(
      world.databaseUrl,
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'",
    );
    await waitUntil("it listens again", () => heard.length === 2);
    await query(world.databaseUrl, RENAME, [id, "heard"]);
    await waitUntil("it was told", () => heard.length === 3);
  });
});
