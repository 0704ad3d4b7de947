import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestStore, query } from "../support/database.ts";

const SMALL = { vcpus: 1, memoryMib: 512, diskGib: 10 };
let world: Awaited<ReturnType<typeof createTestStore>>;

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(() => world.close());

const holder = (resourceId: string, region = "us-east-1") => ({ resourceId, region, actionId: null });
const reserve = (resourceId: string, limit: typeof SMALL) =>
  world.store.transaction(({ capacity }) => capacity.reserve(holder(resourceId), SMALL, limit));

describe("the capacity of a region", () => {
  it("is never promised twice, however many ask at once", async () => {
    const limit = { vcpus: 100, memoryMib: 512 * 7, diskGib: 1000 };
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => reserve(`srv_${index}`, limit)));
    expect(answers.filter(Boolean)).toHaveLength(7);
  });

  it.each(["vcpus", "memoryMib", "diskGib"] as const)("is limited by %s alone", async (dimension) => {
    const roomy = { vcpus: 100, memoryMib: 100_000, diskGib: 10_000 };
    const limit = { ...roomy, [dimension]: SMALL[dimension] };
    expect(await reserve("srv_a", limit)).toBe(true);
    expect(await reserve("srv_b", limit)).toBe(false);
  });

  it("counts a repeated reservation once", async () => {
    expect(await reserve("srv_a", SMALL)).toBe(true);
    expect(await reserve("srv_a", SMALL)).toBe(true);
  });

  it("comes free with a release, which may be repeated", async () => {
    await reserve("srv_a", SMALL);
    await world.store.capacity.release("srv_a");
    await world.store.capacity.release("srv_a");
    expect(await reserve("srv_b", SMALL)).toBe(true);
  });

  it("counts what was written down without a limit, once", async () => {
    await world.store.capacity.record(holder("srv_a"), SMALL);
    await world.store.capacity.record(holder("srv_a"), SMALL);
    expect(await reserve("srv_b", SMALL)).toBe(false);
    expect(await reserve("srv_b", { vcpus: 2, memoryMib: 1024, diskGib: 20 })).toBe(true);
  });

  it("counts the size of a living server with the disk beside it, once", async () => {
    const server = { ...holder("srv_a"), resourceKind: "server" as const };
    expect(await world.store.capacity.recordSize(server, 5)).toBe(false);
    await query(
      world.databaseUrl,
      `INSERT INTO servers (id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, ssh_key_ids, action_id)
       VALUES ('srv_a', 'acc_a', 'a', 'starter', 'us-east-1', 'debian-12', 2, 1024, 10, 'provisioning', '{}', 'act_a')`,
    );
    expect(await world.store.capacity.recordSize({ ...server, actionId: "act_unknown" }, 5)).toBe(false);
    expect(await world.store.capacity.recordSize(server, 5)).toBe(true);
    expect(await world.store.capacity.recordSize(server, 5)).toBe(false);
    const rows = await query(world.databaseUrl, "SELECT vcpus, memory_mib, disk_gib FROM capacity_reservations");
    expect(rows).toEqual([{ vcpus: 2, memory_mib: 1024, disk_gib: 15 }]);
  });

  it("is told as what was reserved in it, after any changes at the same time", async () => {
    const { capacity } = world.store;
    const regions = ["us-east-1", "eu-west-2"];
    const live = async (index: number) => {
      const [id, region = ""] = [`srv_${index}`, regions[index % 2]];
      await capacity.record(holder(id, region), SMALL);
      const rolledBack = world.store.transaction(async (repositories) => {
        await repositories.capacity.release(id);
        throw new Error("rolled back");
      });
      await expect(rolledBack).rejects.toThrow("rolled back");
      const larger = { vcpus: 2, memoryMib: 1024 + index, diskGib: 20 };
      await world.store.transaction((repositories) => repositories.capacity.change(id, region, larger, null));
      if (index % 3 === 0) await Promise.all([capacity.release(id), capacity.release(id)]);
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => live(index)));
    const sums = await query<{ region: string; vcpus: number; memoryMib: number; diskGib: number }>(
      world.databaseUrl,
      `SELECT region, sum(vcpus)::int AS vcpus, sum(memory_mib)::int AS "memoryMib", sum(disk_gib)::int AS "diskGib"
       FROM capacity_reservations GROUP BY region`,
    );
    expect(sums).toHaveLength(2);
    expect(await capacity.promised(regions)).toEqual(new Map(sums.map(({ region, ...sum }) => [region, sum])));
  });

  it("takes a larger share where the others leave room, and a smaller one always", async () => {
    const change = (vcpus: number, limit: number) =>
      world.store.transaction(({ capacity }) =>
        capacity.change("srv_a", "us-east-1", { ...SMALL, vcpus }, { vcpus: limit, memoryMib: 1024, diskGib: 20 }),
      );
    await reserve("srv_a", SMALL);
    await world.store.capacity.record(holder("srv_b"), SMALL);
    expect(await change(4, 4)).toBe(false);
    expect(await change(3, 4)).toBe(true);
    expect(await change(2, 1)).toBe(true);
  });
});
