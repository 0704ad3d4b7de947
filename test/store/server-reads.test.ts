import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { ServerListFilter } from "../../src/store/server-reads.ts";
import { createTestStore, query } from "../support/database.ts";

const NO_FILTER: ServerListFilter = { status: null, region: null, name: null, label: null };
let world: Awaited<ReturnType<typeof createTestStore>>;
/** Newest first. */
let ids: string[];

beforeAll(async () => {
  world = await createTestStore();
  ids = [];
  for (let index = 0; index < 25; index++) {
    const id = newId("server");
    await world.store.servers.insert({
      id,
      accountId: index === 24 ? "acc_other" : "acc_a",
      name: `server-${index}`,
      plan: "starter",
      region: index % 2 === 0 ? "us-east-1" : "eu-west-2",
      image: "debian-12",
      size: { vcpus: 1, memoryMib: 512, diskGib: 10 },
      sshKeyIds: [],
      userDataBox: null,
      labels: index < 3 || index === 24 ? { tier: "web" } : {},
      actionId: newId("action"),
    });
    if (index < 24) ids.unshift(id);
  }
  // Several at the same moment: the id decides.
  await query(
    world.databaseUrl,
    "UPDATE servers SET created_at = '2026-01-01' WHERE name IN ('server-1', 'server-2', 'server-3')",
  );
  const rows = await query<{ id: string }>(
    world.databaseUrl,
    "SELECT id FROM servers WHERE account_id = 'acc_a' ORDER BY created_at DESC, id DESC",
  );
  ids = rows.map((row) => row.id);
});
afterAll(() => world.close());

const list = (filter: Partial<ServerListFilter>, offset: number, limit: number) =>
  world.store.serverReads.list("acc_a", { ...NO_FILTER, ...filter }, { offset }, limit);

describe("a server by its id", () => {
  it("is found by its own account, also where another's asks for it at the same moment", async () => {
    const asked = ["acc_a", "acc_other", "acc_a", "acc_other", "acc_a", "acc_other"];
    const found = await Promise.all(asked.map((account) => world.store.serverReads.find(ids[0] ?? "", account)));
    expect(found.map((server) => server?.id ?? null)).toEqual([ids[0], null, ids[0], null, ids[0], null]);
  });
});

describe("the list of servers", () => {
  it("is the account's own, newest first, with the total of the whole list", async () => {
    const { items, total } = await list({}, 0, 10);
    expect(items.map((server) => server.id)).toEqual(ids.slice(0, 10));
    expect(total).toBe(24);
  });

  it("knows its total also past its end", async () => {
    expect(await list({}, 1000, 10)).toEqual({ items: [], hasMore: false, total: 24 });
  });

  it("read by number is complete and in the same order", async () => {
    const pages = await Promise.all([0, 7, 14, 21, 28].map((offset) => list({}, offset, 7)));
    expect(pages.flatMap(({ items }) => items.map((server) => server.id))).toEqual(ids);
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, true, false, false]);
  });

  it("read by cursor is complete and without repetition, also among rows of the same moment", async () => {
    const seen: string[] = [];
    let start: Parameters<typeof world.store.serverReads.list>[2] = { offset: 0 };
    for (;;) {
      const { items, hasMore, total } = await world.store.serverReads.list("acc_a", NO_FILTER, start, 5);
      seen.push(...items.map((server) => server.id));
      expect(total).toBe(24);
      expect(hasMore).toBe(seen.length < 24);
      const last = items.at(-1);
      if (!hasMore || !last) break;
      start = { after: last };
    }
    expect(seen).toEqual(ids);
  });

  it("is the same page as long as it is asked for without a break, until something in it changes", async () => {
    const [first, second] = await Promise.all([list({}, 0, 10), list({}, 0, 10)]);
    expect(second).toBe(first);

    const over = new AbortController();
    const asking = (async () => {
      while (!over.signal.aborted) await Promise.all([list({}, 0, 10), list({}, 0, 10)]);
    })();
    await query(world.databaseUrl, "UPDATE servers SET plan = 'pro' WHERE id = $1", [ids[3]]);
    const { items } = await list({}, 0, 10);
    over.abort();
    await asking;
    expect(items.map((server) => server.plan)).toEqual(
      ids.slice(0, 10).map((id) => (id === ids[3] ? "pro" : "starter")),
    );
  });

  it.each<[Partial<ServerListFilter>, number]>([
    [{ region: "us-east-1" }, 12],
    [{ name: "server-7" }, 1],
    [{ status: "active" }, 0],
    [{ label: { key: "tier", value: "web" } }, 3],
    [{ label: { key: "tier", value: "web" }, region: "us-east-1" }, 2],
    [{ name: "' OR 1=1 --" }, 0],
  ])("filtered by %j counts what it shows", async (filter, count) => {
    const { items, total } = await list(filter, 0, 100);
    expect([items.length, total]).toEqual([count, count]);
  });

  it("finds by any label there may be, and by it as it is now", async () => {
    const words = ["", "a=b", " a b ", '"\\', "{}", "NULL", "acc_other tier=web", "\u{1f600}".repeat(127)];
    const [id = ""] = ids;
    const found = async (key: string, value: string) => {
      const { items, total } = await list({ label: { key, value } }, 0, 100);
      return [total, ...items.map((server) => server.id)];
    };
    for (const value of words) {
      const labels = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`${"k".repeat(60)}.${n + 10}`, value]));
      await world.store.servers.describe(id, { name: null, labels });
      for (const key of Object.keys(labels)) expect(await found(key, value)).toEqual([1, id]);
      expect(await found("k", value)).toEqual([0]);
    }
    await world.store.servers.describe(id, { name: null, labels: {} });
    expect(await found(`${"k".repeat(60)}.10`, words.at(-1) ?? "")).toEqual([0]);
  });
});
