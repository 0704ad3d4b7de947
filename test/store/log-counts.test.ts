import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { Repositories } from "../../src/store/store.ts";
import { createTestStore, query } from "../support/database.ts";

let world: Awaited<ReturnType<typeof createTestStore>>;

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(() => world.close());

function noteEvent({ auditEvents }: Repositories) {
  const what = { event: "account.create", resourceKind: "account", resourceId: "acc_a", accountId: "acc_a" } as const;
  return auditEvents.insert({ id: newId("auditEvent"), apiKeyId: null, requestId: null, ...what });
}

function beginAudit({ audits }: Repositories) {
  return audits.insert({
    ...{ id: newId("audit"), requestedBy: null, reason: null, regions: ["us-east-1"], classes: [] },
    ...{ repair: false, deleteLost: false },
  });
}

async function rolledBack(work: (repositories: Repositories) => Promise<unknown>): Promise<void> {
  const outcome = world.store.transaction(async (repositories) => {
    await work(repositories);
    throw new Error("rolled back");
  });
  await expect(outcome).rejects.toThrow("rolled back");
}

describe("the total of a log", () => {
  it.each([
    ["audit events", noteEvent, () => world.store.auditEvents.list(null, { offset: 0 }, 1)],
    ["audits", beginAudit, () => world.store.audits.list({ offset: 0 }, 1)],
  ])("of %s is what there is, after any changes at the same time", async (_what, add, list) => {
    expect((await list()).total).toBe(0);
    await Promise.all(
      Array.from({ length: 150 }, (_, index) => (index % 3 === 0 ? rolledBack(add) : add(world.store))),
    );
    expect((await list()).total).toBe(100);
  });

  it("goes down with what is removed", async () => {
    for (let n = 0; n < 3; n++) await beginAudit(world.store);
    await query(
      world.databaseUrl,
      "UPDATE audits SET created_at = created_at - interval '8 days' WHERE id <> (SELECT max(id) FROM audits)",
    );
    const now = new Date();
    await world.store.audits.tidy({ runningBefore: now, deleteBefore: new Date(now.getTime() - 7 * 86_400_000) });
    expect(await world.store.audits.list({ offset: 0 }, 5)).toMatchObject({
      total: 1,
      items: [{ status: "incomplete" }],
    });
  });
});
