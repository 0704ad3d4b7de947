import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { QUOTAS, type QuotaLimits, quotaShare } from "../../src/domain/quotas.ts";
import { createTestStore } from "../support/database.ts";

const PRO = quotaShare("server", { vcpus: 2, memoryMib: 2048 });
const LIMITS = {
  ...(Object.fromEntries(QUOTAS.map((quota) => [quota, 100])) as QuotaLimits),
  memory_mib: 10_000,
};

let test: Awaited<ReturnType<typeof createTestStore>>;
let account: string;
beforeEach(async () => {
  test = await createTestStore();
  account = (await test.store.transaction(({ accounts }) => accounts.insert(newId("account"), "acme"))).id;
});
afterEach(() => test.close());

function hold(id: string, share = PRO, limits = LIMITS): Promise<boolean> {
  return test.store.quotas.hold(id, account, share, limits);
}

async function used(): Promise<number[]> {
  const usage = await test.store.quotas.usage(account, LIMITS);
  return [usage.servers, usage.databases, usage.vcpus, usage.memory_mib, usage.addresses].map((quota) => quota.used);
}

const NOTHING = [0, 0, 0, 0, 0];
const ONE = [1, 0, 2, 2048, 1];

describe("a hold", () => {
  it("is counted once, however often it is taken, and given back once, however often it is released", async () => {
    expect([await hold("srv_a"), await hold("srv_a")]).toEqual([true, true]);
    expect(await used()).toEqual(ONE);
    await hold("srv_b");
    await Promise.all(Array.from({ length: 5 }, () => test.store.quotas.release("srv_a")));
    expect(await used()).toEqual(ONE);
    await test.store.quotas.release("srv_b");
    expect(await used()).toEqual(NOTHING);
  });

  it("is refused by each limit alone, and then takes nothing", async () => {
    await hold("srv_a");
    for (const quota of ["servers", "vcpus", "memory_mib", "addresses"] as const) {
      const tight = { ...LIMITS, [quota]: 2 * PRO[quota] - 1 };
      expect(await hold("srv_b", PRO, tight), quota).toBe(false);
    }
    expect(await used()).toEqual(ONE);
    expect(await hold("srv_b", PRO, { ...LIMITS, servers: 2, vcpus: 4, memory_mib: 4096, addresses: 2 })).toBe(true);
  });

  it("is not refused for what it does not ask for", async () => {
    expect(await hold("srv_a", PRO, { ...LIMITS, databases: 0 })).toBe(true);
    expect(await hold("db_a", quotaShare("database", { vcpus: 1, memoryMib: 1024 }), LIMITS)).toBe(true);
    expect(await hold("srv_b", PRO, { ...LIMITS, databases: 0 })).toBe(true);
  });

  it("goes by the account's own limit where it has one, and by the installation's again once it has none", async () => {
    const { quotas } = test.store;
    await quotas.setOwnLimits(account, { servers: 0 });
    expect(await hold("srv_a")).toBe(false);
    await quotas.setOwnLimits(account, { servers: 1, vcpus: 1_000 });
    expect(await hold("srv_a", { ...PRO, vcpus: 500 })).toBe(true);
    await quotas.setOwnLimits(account, { servers: null });
    expect(await quotas.ownLimits(account)).toMatchObject({ servers: null, vcpus: 1_000 });
    expect(await hold("srv_b")).toBe(true);
  });

  it("is had by exactly as many at the same time as there is room for", async () => {
    const roomy = { ...LIMITS, servers: 7, memory_mib: 100_000 };
    const tries = Array.from({ length: 50 }, (_, index) => hold(`srv_${index}`, PRO, roomy));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(7);
    expect(await used()).toEqual(ONE.map((part) => 7 * part));
  });
});

describe("a resize", () => {
  const larger = { vcpus: 4, memoryMib: 8192 };
  const resize = (size: { vcpus: number; memoryMib: number }, limits: QuotaLimits | null = LIMITS) =>
    test.store.quotas.resize("srv_a", size, limits);

  it("counts the difference, once", async () => {
    await hold("srv_a");
    expect([await resize(larger), await resize(larger)]).toEqual([true, true]);
    expect(await used()).toEqual([1, 0, 4, 8192, 1]);
    expect(await resize({ vcpus: 1, memoryMib: 512 })).toBe(true);
    expect(await used()).toEqual([1, 0, 1, 512, 1]);
    await test.store.quotas.release("srv_a");
    expect(await used()).toEqual(NOTHING);
  });

  it("is refused by the limit of what grows, and not by that of what shrinks", async () => {
    await hold("srv_a");
    const full = { ...LIMITS, vcpus: 3, memory_mib: 100 };
    expect(await resize({ vcpus: 4, memoryMib: 512 }, full)).toBe(false);
    expect(await used()).toEqual(ONE);
    expect(await resize({ vcpus: 3, memoryMib: 1024 }, full)).toBe(true);
    expect(await resize(larger, null)).toBe(true);
    expect(await used()).toEqual([1, 0, 4, 8192, 1]);
  });

  it("of what holds nothing is none", async () => {
    expect(await resize(larger)).toBe(false);
    expect(await used()).toEqual(NOTHING);
  });
});
