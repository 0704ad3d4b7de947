import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { RESOURCE_STATUSES } from "../../src/domain/statuses.ts";
import type { Repositories } from "../../src/store/store.ts";
import { createTestStore, query } from "../support/database.ts";

const ALL = { status: null, region: null, name: null, label: null };
const REGIONS = ["us-east-1", "eu-west-2"];
const SIZE = { vcpus: 1, memoryMib: 512, diskGib: 10 };
let world: Awaited<ReturnType<typeof createTestStore>>;

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(() => world.close());

/** A server is made and changed as requests and workflows do it, in transactions of their own. */
async function makeServer(accountId: string, region: string, repositories: Repositories = world.store) {
  const [id, actionId] = [newId("server"), newId("action")];
  await repositories.servers.insert({
    ...{ id, accountId, name: id.replace("_", "-"), plan: "starter", region, image: "debian-12", size: SIZE },
    ...{ sshKeyIds: [], userDataBox: null, labels: {}, actionId },
  });
  return { id, actionId };
}

async function makeDatabase(accountId: string, region: string): Promise<void> {
  const [id, actionId] = [newId("database"), newId("action")];
  await world.store.databases.insert({
    ...{ id, accountId, name: id.replace("_", "-"), plan: "standard", region, size: SIZE, engine: "redis", major: "8" },
    ...{ minVersion: null, version: "8.0", implementation: "Redis", trustedSources: [], labels: {}, actionId },
  });
}

async function rolledBack(work: (repositories: Repositories) => Promise<unknown>): Promise<void> {
  const changeOfMind = new Error("rolled back");
  const outcome = world.store.transaction(async (repositories) => {
    await work(repositories);
    throw changeOfMind;
  });
  await expect(outcome).rejects.toBe(changeOfMind);
}

/** A life that ends at one of several stages, with changes on the way that are taken back. */
async function live(accountId: string, region: string, stage: number): Promise<void> {
  const { servers } = world.store;
  await rolledBack((repositories) => makeServer(accountId, region, repositories));
  const { id, actionId } = await makeServer(accountId, region);
  if (stage === 0) return;
  await rolledBack((repositories) => repositories.servers.changeStatus(id, actionId, "failed", null));
  await servers.changeStatus(id, actionId, stage === 1 ? "failed" : "active", null);
  if (stage <= 2) return;
  // Several changes in one transaction, and one that changes no status.
  await world.store.transaction(async (repositories) => {
    await repositories.servers.setIpv4(id, "10.88.0.10");
    await repositories.servers.takeOver(id, actionId, "suspended");
    if (stage > 3) await repositories.servers.takeOver(id, actionId, "deleting");
  });
  if (stage <= 4) return;
  await rolledBack((repositories) => repositories.servers.markDeleted(id));
  await Promise.all([servers.markDeleted(id), servers.markDeleted(id)]);
}

/** What the lists tell, narrowed by status and region or not, beside what there is. */
async function expectTrueTotals(accountId: string): Promise<void> {
  for (const table of ["servers", "databases"] as const) {
    const reads = table === "servers" ? world.store.serverReads : world.store.databaseReads;
    const living = await query<{ status: string; region: string }>(
      world.databaseUrl,
      `SELECT status, region FROM ${table} WHERE account_id = $1 AND deleted_at IS NULL`,
      [accountId],
    );
    const filters = [null, ...RESOURCE_STATUSES].flatMap((status) =>
      [null, ...REGIONS].map((region) => ({ status, region })),
    );
    const told = await Promise.all(
      filters.map((filter) => reads.list(accountId, { ...ALL, engine: null, ...filter }, { offset: 0 }, 1)),
    );
    const fits = (row: string, filter: string | null) => filter === null || filter === row;
    expect(filters.map((filter, index) => ({ ...filter, total: told[index]?.total }))).toEqual(
      filters.map(({ status, region }) => {
        const rows = living.filter((row) => fits(row.status, status) && fits(row.region, region));
        return { status, region, total: rows.length };
      }),
    );
  }
}

describe("the totals of lists", () => {
  it("are true after creates, changes and deletes of one account at once, those that were rolled back included", async () => {
    // As many at once as there are stages and more, so that every change meets every other.
    const lane = async (lane: number) => {
      for (let index = lane; index < lane + 7; index++) {
        await live(index % 6 === 0 ? "acc_b" : "acc_a", REGIONS[index % REGIONS.length] ?? "", index % 7);
      }
      await makeDatabase("acc_a", "eu-west-2");
    };
    await Promise.all(Array.from({ length: 15 }, (_, index) => lane(index)));
    for (const account of ["acc_a", "acc_b", "acc_none"]) await expectTrueTotals(account);
  });

  it("follow rows that are removed, moved or brought back by hand", async () => {
    for (let index = 0; index < 5; index++) await makeServer("acc_a", "us-east-1");
    const change = async (text: string) => {
      await query(world.databaseUrl, text);
      for (const account of ["acc_a", "acc_b"]) await expectTrueTotals(account);
    };
    await change("UPDATE servers SET region = 'eu-west-2', status = 'active'");
    await change("UPDATE servers SET deleted_at = now()");
    await change("UPDATE servers SET deleted_at = NULL, account_id = 'acc_b'");
    await change("DELETE FROM servers WHERE id IN (SELECT id FROM servers LIMIT 3)");
  });

  it("wait for nobody: many changes of one account go on beside a transaction that does not end", async () => {
    const { id } = await makeServer("acc_a", "us-east-1");
    const open = new pg.Client({ connectionString: world.databaseUrl });
    await open.connect();
    await open.query("BEGIN");
    for (const status of ["active", "suspended", "active"]) {
      await open.query("UPDATE servers SET status = $1 WHERE id = $2", [status, id]);
    }
    // It holds what it wrote, and all that was there before besides.
    await open.query("SELECT fold_resource_counts('acc_a', 'server')");
    await Promise.all(Array.from({ length: 15 }, () => live("acc_a", "us-east-1", 5)));
    await open.query("COMMIT");
    await open.end();
    await expectTrueTotals("acc_a");
  });

  it("stay sums of few rows, however much is changed", async () => {
    const { id, actionId } = await makeServer("acc_a", "us-east-1");
    for (let round = 0; round < 400; round++) {
      await world.store.servers.takeOver(id, actionId, round % 2 === 0 ? "active" : "suspended");
    }
    const [rows] = await query<{ count: number }>(world.databaseUrl, "SELECT count(*)::int FROM resource_counts");
    // Of 801 changes. That none of the last 350 updates put them together has a probability of 31/32 to the 350th, 0.00001.
    expect(rows?.count).toBeLessThan(700);
    await expectTrueTotals("acc_a");
  });
});
