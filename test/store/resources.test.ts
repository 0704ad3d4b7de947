import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { ResourceStatus } from "../../src/domain/statuses.ts";
import type { NewDatabase } from "../../src/store/databases.ts";
import { createTestStore, query } from "../support/database.ts";

let world: Awaited<ReturnType<typeof createTestStore>>;
beforeAll(async () => {
  world = await createTestStore();
});
afterAll(() => world.close());

let names = 0;

function newDatabase(change: Partial<NewDatabase> = {}): NewDatabase {
  return {
    id: newId("database"),
    accountId: "acc_a",
    name: `db-${++names}`,
    plan: "standard",
    region: "us-east-1",
    engine: "postgresql",
    major: "17",
    minVersion: null,
    version: "17.6",
    implementation: "PostgreSQL",
    size: { vcpus: 1, memoryMib: 1024, diskGib: 20 },
    trustedSources: [],
    labels: {},
    actionId: "act_a",
    ...change,
  };
}

async function statusOf(id: string) {
  const [row] = await query(world.databaseUrl, "SELECT status, power_state, error FROM databases WHERE id = $1", [id]);
  return row;
}

const ERROR = { code: "boot_timeout", message: "late", step: "x", action_id: "act_a", retryable: true } as const;

describe("the life of a resource", () => {
  it("goes from status to status by the transition table, and only for the action that has it", async () => {
    const { databases } = world.store;
    const { id } = await databases.insert(newDatabase());
    expect(await databases.changeStatus(id, "act_other", "active", null)).toBe(false);
    expect(await databases.changeStatus(id, "act_a", "suspended", null)).toBe(false);
    expect(await databases.changeStatus(id, "act_a", "active", null)).toBe(true);
    expect(await statusOf(id)).toEqual({ status: "active", power_state: "running", error: null });
    expect(await databases.changeStatus(id, "act_a", "failed", ERROR)).toBe(false);
    expect(await databases.changeStatus(id, "act_a", "suspended", null)).toBe(true);
    expect(await statusOf(id)).toMatchObject({ status: "suspended", power_state: "stopped" });
  });

  it("keeps the reason of a failure until another action takes it over", async () => {
    const { databases } = world.store;
    const { id } = await databases.insert(newDatabase());
    await databases.changeStatus(id, "act_a", "failed", ERROR);
    expect(await statusOf(id)).toEqual({ status: "failed", power_state: "unknown", error: ERROR });
    await databases.takeOver(id, "act_b", "provisioning");
    expect(await statusOf(id)).toMatchObject({ status: "provisioning", error: null });
    await databases.setError(id, "act_a", ERROR);
    expect(await statusOf(id)).toMatchObject({ error: null });
  });

  it.each<[ResourceStatus, ResourceStatus]>([
    ["provisioning", "active"],
    ["active", "active"],
    ["suspended", "active"],
    ["active", "suspended"],
  ])("goes back to %s from %s once", async (from, to) => {
    const { databases } = world.store;
    const { id } = await databases.insert(newDatabase());
    await databases.takeOver(id, "act_a", to);
    expect(await databases.revertStatus(id, "act_other", { from, to })).toBe(false);
    expect(await databases.revertStatus(id, "act_a", { from, to })).toBe(true);
    expect(await statusOf(id)).toMatchObject({ status: from });
  });

  it("ends as a row that nobody sees, whose name is free", async () => {
    const { databases } = world.store;
    const database = newDatabase();
    await databases.insert(database);
    expect(await databases.isNameTaken("acc_a", database.name)).toBe(true);
    expect(await databases.isNameTaken("acc_b", database.name)).toBe(false);
    await databases.markDeleted(database.id);
    expect(await databases.state(database.id)).toBeNull();
    expect(await databases.build(database.id)).toBeNull();
    expect(await databases.isNameTaken("acc_a", database.name)).toBe(false);
    await databases.insert(newDatabase({ name: database.name }));
  });

  it("takes a name once per account, also of two that come at once", async () => {
    const twins = [newDatabase({ name: "twin" }), newDatabase({ name: "twin" })];
    const made = await Promise.allSettled(twins.map((twin) => world.store.databases.insert(twin)));
    expect(made.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("lets a server and a database have the same name", async () => {
    await world.store.databases.insert(newDatabase({ name: "shared" }));
    expect(await world.store.servers.isNameTaken("acc_a", "shared")).toBe(false);
  });
});

describe("the list of databases", () => {
  it("is filtered by engine, status, region, name and label", async () => {
    await world.store.databases.insert(newDatabase({ accountId: "acc_l", engine: "redis", name: "cache" }));
    await world.store.databases.insert(newDatabase({ accountId: "acc_l", labels: { team: "a" }, region: "eu-west-2" }));
    const list = async (filter: object) => {
      const all = { engine: null, status: null, region: null, name: null, label: null };
      const { items, total } = await world.store.databaseReads.list("acc_l", { ...all, ...filter }, { offset: 0 }, 10);
      expect(items).toHaveLength(total);
      return total;
    };
    expect(await list({})).toBe(2);
    expect(await list({ engine: "redis" })).toBe(1);
    expect(await list({ engine: "redis", region: "eu-west-2" })).toBe(0);
    expect(await list({ name: "cache" })).toBe(1);
    expect(await list({ status: "active" })).toBe(0);
    expect(await list({ label: { key: "team", value: "a" } })).toBe(1);
    expect(await list({ name: "' OR 1=1 --" })).toBe(0);
  });

  it("shows what was inserted", async () => {
    const database = newDatabase({ accountId: "acc_s", trustedSources: ["10.0.0.0/8"], labels: { a: "b" } });
    const inserted = await world.store.databases.insert(database);
    expect(await world.store.databaseReads.find(database.id, "acc_s")).toEqual(inserted);
    expect(await world.store.databaseReads.find(database.id, "acc_other")).toBeNull();
  });
});
