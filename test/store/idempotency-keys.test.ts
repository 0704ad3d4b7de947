import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLockTimeout } from "../../src/store/store.ts";
import { createTestStore, query } from "../support/database.ts";

const RECORD = { route: "POST /v1/servers", bodyHash: "a", resourceId: "srv_a" };
const DAY_MS = 24 * 60 * 60 * 1000;
const expired = () => new Date(Date.now() - 7 * DAY_MS);
let world: Awaited<ReturnType<typeof createTestStore>>;

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(() => world.close());

const claim = (accountId = "acc_a", record = RECORD) =>
  world.store.transaction(({ idempotencyKeys }) => idempotencyKeys.claim(accountId, "key", record, expired(), 1_000));

async function age(days: number): Promise<void> {
  await query(world.databaseUrl, `UPDATE idempotency_keys SET created_at = now() - interval '${days} days'`);
}

describe("an Idempotency-Key", () => {
  it("is claimed once by an account, and separately by another", async () => {
    expect([await claim(), await claim(), await claim("acc_b")]).toEqual([true, false, true]);
  });

  it("is claimed by one of many at once", async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim()));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("can be used anew after seven days, for something else", async () => {
    await claim();
    await age(8);
    expect(await world.store.idempotencyKeys.find("acc_a", "key", expired())).toBeNull();
    expect(await claim("acc_a", { ...RECORD, resourceId: "srv_b" })).toBe(true);
    expect(await world.store.idempotencyKeys.find("acc_a", "key", expired())).toMatchObject({ resourceId: "srv_b" });
  });

  it("is forgotten by the sweep only when it has expired", async () => {
    await claim();
    expect(await world.store.idempotencyKeys.deleteExpired(expired())).toBe(0);
    await age(8);
    expect(await world.store.idempotencyKeys.deleteExpired(expired())).toBe(1);
  });

  it("of a twin that does not commit is given up after the wait", async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    let claimed: () => void = () => undefined;
    const isClaimed = new Promise<void>((resolve) => (claimed = resolve));
    const twin = world.store.transaction(async ({ idempotencyKeys }) => {
      await idempotencyKeys.claim("acc_a", "key", RECORD, expired(), 1_000);
      claimed();
      await held;
    });
    await isClaimed;
    const second = await world.store
      .transaction(({ idempotencyKeys }) => idempotencyKeys.claim("acc_a", "key", RECORD, expired(), 50))
      .catch((error: unknown) => error);
    finish();
    await twin;
    expect(isLockTimeout(second)).toBe(true);
  });
});
