import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestStore } from "../support/database.ts";

const SMALL = { vcpus: 1, memoryMib: 512, diskGib: 10 };
let world: Awaited<ReturnType<typeof createTestStore>>;

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(() => world.close());

const reserve = (resourceId: string, limit: typeof SMALL) =>
  world.store.transaction(({ capacity }) => capacity.reserve(resourceId, "us-east-1", SMALL, limit));

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
    await world.store.capacity.record("srv_a", "us-east-1", SMALL);
    await world.store.capacity.record("srv_a", "us-east-1", SMALL);
    expect(await reserve("srv_b", SMALL)).toBe(false);
    expect(await reserve("srv_b", { vcpus: 2, memoryMib: 1024, diskGib: 20 })).toBe(true);
  });
});
