import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { listSshKeys } from "../../src/services/ssh-keys.ts";
import { createTestStore, query } from "../support/database.ts";

const principal = { accountId: "acc_pages", apiKeyId: "ak_pages", tokenId: "tok_pages", scopes: ["*"] };
const KEYS = 6;

let test: Awaited<ReturnType<typeof createTestStore>>;
/** Newest first. */
let names: string[];

beforeAll(async () => {
  test = await createTestStore();
  for (let index = 0; index < KEYS; index++) {
    const key = {
      accountId: principal.accountId,
      name: `key-${index}`,
      publicKey: "k",
      fingerprint: `SHA256:${index}`,
    };
    await test.store.sshKeys.insert({ id: newId("sshKey"), ...key });
  }
  // Several of the same moment: the id decides.
  await query(
    test.databaseUrl,
    "UPDATE ssh_keys SET created_at = '2026-01-01' WHERE name IN ('key-1', 'key-2', 'key-3')",
  );
  const rows = await query<{ name: string }>(
    test.databaseUrl,
    "SELECT name FROM ssh_keys ORDER BY created_at DESC, id DESC",
  );
  names = rows.map(({ name }) => name);
});
afterAll(() => test.close());

async function page(change: { page?: number; perPage?: number; cursor?: string | null }) {
  const { items, ...rest } = await listSshKeys(test, { page: 1, perPage: 2, cursor: null, ...change }, principal);
  return { ...rest, names: items.map(({ name }) => name) };
}

describe("pages by number", () => {
  it.each([1, 2, 3])("the page %i has its own rows and no others", async (number) => {
    const found = await page({ page: number });
    expect(found).toMatchObject({ names: names.slice(2 * number - 2, 2 * number), total: KEYS, page: number });
  });

  it("only the last one has no next", async () => {
    expect((await page({ page: 2 })).nextCursor).not.toBeNull();
    expect((await page({ page: 3 })).nextCursor).toBeNull();
    expect((await page({ perPage: KEYS })).nextCursor).toBeNull();
    expect(await page({ page: 4 })).toMatchObject({ names: [], total: KEYS, nextCursor: null });
  });
});

describe("pages by cursor", () => {
  it("have every row once, also of the same moment", async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const found: Awaited<ReturnType<typeof page>> = await page({ cursor });
      expect(found.total).toBe(KEYS);
      seen.push(...found.names);
      cursor = found.nextCursor;
    } while (cursor !== null && seen.length < 2 * KEYS);
    expect(seen).toEqual(names);
  });

  it.each(["", "bogus", "MSBrZXlf"])("%j is none", async (cursor) => {
    await expect(page({ cursor })).rejects.toMatchObject({ code: "validation_failed", details: [{ field: "cursor" }] });
  });
});
