import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { createTestStore, query } from "../support/database.ts";

let world: Awaited<ReturnType<typeof createTestStore>>;
beforeAll(async () => {
  world = await createTestStore();
});
afterAll(() => world.close());

describe("the logins of a database", () => {
  async function rotating() {
    const rotation = { databaseId: newId("database"), actionId: newId("action") };
    const { credentials } = world.store;
    await credentials.insertIfMissing(rotation.databaseId, { username: "app", passwordBox: "old" }, null);
    await credentials.beginRotation(rotation, "new");
    await credentials.setNextUsername(rotation, "app_b");
    return rotation;
  }

  it("keep the first password that was made", async () => {
    const id = newId("database");
    await world.store.credentials.insertIfMissing(id, { username: "app", passwordBox: "first" }, null);
    await world.store.credentials.insertIfMissing(id, { username: "app", passwordBox: "second" }, null);
    expect(await world.store.credentials.find(id)).toMatchObject({ passwordBox: "first" });
  });

  it("change places, however often that is delivered", async () => {
    const rotation = await rotating();
    const { credentials } = world.store;
    for (let delivery = 1; delivery <= 2; delivery++) {
      await credentials.promoteNext(rotation);
      expect(await credentials.find(rotation.databaseId)).toEqual({
        databaseId: rotation.databaseId,
        username: "app_b",
        passwordBox: "new",
        rotationActionId: rotation.actionId,
        nextUsername: null,
        nextPasswordBox: null,
        previousUsername: "app",
        previousPasswordBox: "old",
      });
    }
    for (let delivery = 1; delivery <= 2; delivery++) {
      await credentials.restorePrevious(rotation);
      expect(await credentials.find(rotation.databaseId)).toEqual({
        databaseId: rotation.databaseId,
        username: "app",
        passwordBox: "old",
        rotationActionId: rotation.actionId,
        nextUsername: "app_b",
        nextPasswordBox: "new",
        previousUsername: null,
        previousPasswordBox: null,
      });
    }
  });

  it("stay as they are while the engine has not taken the next one", async () => {
    const rotation = { ...(await rotating()), actionId: newId("action") };
    const { credentials } = world.store;
    for (const passwordBox of ["another", "thrown away"]) await credentials.beginRotation(rotation, passwordBox);
    await credentials.promoteNext(rotation);
    expect(await credentials.find(rotation.databaseId)).toMatchObject({
      username: "app",
      passwordBox: "old",
      nextUsername: null,
      nextPasswordBox: "another",
    });
  });

  it("are given another one to come when a rotation whose workflow was lost is begun anew after it was stored", async () => {
    const rotation = await rotating();
    const { credentials } = world.store;
    await credentials.promoteNext(rotation);
    await credentials.beginRotation(rotation, "newest");
    expect(await credentials.find(rotation.databaseId)).toMatchObject({
      passwordBox: "new",
      nextUsername: null,
      nextPasswordBox: "newest",
      previousPasswordBox: "old",
    });
    await credentials.setNextUsername(rotation, "app");
    await credentials.beginRotation(rotation, "thrown away");
    expect(await credentials.find(rotation.databaseId)).toMatchObject({
      nextUsername: "app",
      nextPasswordBox: "newest",
    });
  });

  it("are not touched by what is left of an earlier rotation", async () => {
    const earlier = await rotating();
    const { credentials } = world.store;
    await credentials.promoteNext(earlier);
    const later = { ...earlier, actionId: newId("action") };
    await credentials.beginRotation(later, "newest");
    await credentials.setNextUsername(later, "app");
    const before = await credentials.find(later.databaseId);
    // What the earlier one did not come to forget would be taken for the later one's.
    expect(before).toMatchObject({ username: "app_b", previousUsername: null, previousPasswordBox: null });

    const leftovers = [
      () => credentials.setNextUsername(earlier, "app_c"),
      () => credentials.promoteNext(earlier),
      () => credentials.restorePrevious(earlier),
      () => credentials.forgetPrevious(earlier),
      () => credentials.discardNext(earlier),
    ];
    for (const leftover of leftovers) await leftover();
    expect(await credentials.find(later.databaseId)).toEqual(before);
    expect(await credentials.findOfRotation(earlier)).toBeNull();
    expect(await credentials.findOfRotation(later)).toEqual(before);

    await credentials.promoteNext(later);
    const promoted = await credentials.find(later.databaseId);
    for (const leftover of leftovers) await leftover();
    expect(await credentials.find(later.databaseId)).toEqual(promoted);
  });

  it("are changed by a rotation that began before rotations were recorded", async () => {
    const rotation = await rotating();
    const { credentials } = world.store;
    await query(world.databaseUrl, "UPDATE database_credentials SET rotation_action_id = NULL WHERE database_id = $1", [
      rotation.databaseId,
    ]);
    expect(await credentials.findOfRotation(rotation)).toMatchObject({ nextPasswordBox: "new" });
    await credentials.promoteNext(rotation);
    await credentials.forgetPrevious(rotation);
    expect(await credentials.find(rotation.databaseId)).toMatchObject({
      username: "app_b",
      passwordBox: "new",
      previousPasswordBox: null,
    });
  });

  it("are forgotten one by one, and all", async () => {
    const rotation = await rotating();
    const { credentials } = world.store;
    await credentials.promoteNext(rotation);
    await credentials.forgetPrevious(rotation);
    expect(await credentials.find(rotation.databaseId)).toMatchObject({
      passwordBox: "new",
      previousPasswordBox: null,
    });
    await credentials.delete(rotation.databaseId);
    expect(await credentials.find(rotation.databaseId)).toBeNull();
  });
});

describe("the authorities of a region", () => {
  const inYears = (years: number) => new Date(Date.now() + years * 365 * 24 * 60 * 60 * 1000);

  const ensure = (region: string, validUntil: Date) =>
    world.store.transaction(async ({ certificates }) => {
      await certificates.lockAuthorities(region);
      const known = await certificates.findAuthority(region, validUntil);
      if (known) return known.id;
      const id = newId("certificateAuthority");
      const notAfter = inYears(10);
      await certificates.insertAuthority({ id, region, certificate: "c", keyBox: "k", notAfter });
      return id;
    });

  it("are made once, however many ask at once", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => ensure("us-east-1", inYears(5))));
    expect(new Set(ids).size).toBe(1);
    expect(await ensure("eu-west-2", inYears(5))).not.toBe(ids[0]);
  });

  it("are followed by another when the latest would not outlive what it signs", async () => {
    const first = await ensure("ap-south-1", inYears(5));
    expect(await ensure("ap-south-1", inYears(9))).toBe(first);
    expect(await ensure("ap-south-1", inYears(11))).not.toBe(first);
  });
});

describe("what a region offers", () => {
  const offer = (fingerprint: string, version: string) =>
    ({ fingerprint, engine: "postgresql", major: "17", version, implementation: "PostgreSQL" }) as const;

  it("is what was seen last, and nothing of another region", async () => {
    const { store } = world;
    const replace = (region: string, offers: ReturnType<typeof offer>[]) =>
      store.transaction(({ engineOffers }) => engineOffers.replace(region, offers));
    await replace("us-east-1", [offer("a", "17.5"), offer("b", "17.6")]);
    await replace("eu-west-2", [offer("a", "17.5")]);
    await replace("us-east-1", [offer("b", "17.6"), offer("b", "17.6")]);
    expect(await store.engineOffers.list("us-east-1")).toEqual([{ region: "us-east-1", ...offer("b", "17.6") }]);
    expect(await store.engineOffers.list()).toHaveLength(2);
  });
});
