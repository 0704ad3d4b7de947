import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { Store } from "../../src/store/store.ts";
import { createTestStore, query } from "../support/database.ts";

/** What the repositories let an account have of another's: nothing. The whole API is asked the same in test/services/authorization-matrix.test.ts. */

const MINE = "acc_mine";
const THEIRS = "acc_theirs";
const ids = { sshKey: newId("sshKey"), apiKey: newId("apiKey"), action: newId("action"), server: newId("server") };
const NEVER = new Date(0);

let test: Awaited<ReturnType<typeof createTestStore>>;
let store: Store;

beforeAll(async () => {
  test = await createTestStore();
  ({ store } = test);
  for (const id of [MINE, THEIRS]) await store.accounts.insert(id, id);
  const key = { id: ids.sshKey, accountId: MINE, name: "laptop", publicKey: "ssh-ed25519 A", fingerprint: "SHA256:a" };
  await store.sshKeys.insert(key);
  const token = { id: newId("apiKeyToken"), hint: "cn_live_sk_abcd…", tokenHash: "00", pepperId: "p" };
  await store.apiKeys.insert({ id: ids.apiKey, accountId: MINE, name: "ci", scopes: ["*"], expiresAt: null, token });
  await store.actions.insert({
    id: ids.action,
    accountId: MINE,
    type: "delete",
    resourceKind: "server",
    resourceId: ids.server,
    region: "us-east-1",
    image: "debian-12",
    requestId: "req",
  });
  await query(
    test.databaseUrl,
    "INSERT INTO idempotency_keys (account_id, key, route, body_hash, resource_id) VALUES ($1, 'k', 'r', 'h', $2)",
    [MINE, ids.server],
  );
});
afterAll(() => test.close());

/** Each finds what is mine; `found` tells whether it did. */
const LOOKS: [what: string, look: (accountId: string) => Promise<unknown>, found: unknown, nothing: unknown][] = [
  ["an SSH key by its id", async (of) => (await store.sshKeys.find(ids.sshKey, of))?.id ?? null, ids.sshKey, null],
  [
    "an SSH key named by a server",
    async (of) => [...(await store.sshKeys.existing([ids.sshKey], of))],
    [ids.sshKey],
    [],
  ],
  [
    "an SSH key by its fingerprint",
    async (of) => (await store.sshKeys.findByFingerprint(of, "SHA256:a"))?.id ?? null,
    ids.sshKey,
    null,
  ],
  ["the name of an SSH key", (of) => store.sshKeys.isNameTaken(of, "laptop"), true, false],
  ["the list of SSH keys", async (of) => (await store.sshKeys.list(of, { offset: 0 }, 10)).total, 1, 0],
  ["an API key by its id", async (of) => (await store.apiKeys.find(ids.apiKey, of))?.id ?? null, ids.apiKey, null],
  ["the name of an API key", (of) => store.apiKeys.isNameTaken(of, "ci"), true, false],
  ["the list of API keys", async (of) => (await store.apiKeys.list(of, { offset: 0 }, 10)).items.length, 1, 0],
  ["the count of API keys", (of) => store.apiKeys.countOfAccount(of), 1, 0],
  ["the last owner key", (of) => store.apiKeys.hasOtherOwnerKey(newId("apiKey"), of), true, false],
  ["an action by its id", async (of) => (await store.actions.find(ids.action, of))?.id ?? null, ids.action, null],
  [
    "the latest action",
    async (of) => (await store.actions.findLatest(ids.server, "delete", of))?.id ?? null,
    ids.action,
    null,
  ],
  [
    "an Idempotency-Key",
    async (of) => (await store.idempotencyKeys.find(of, "k", NEVER))?.resourceId ?? null,
    ids.server,
    null,
  ],
];

describe("an account", () => {
  it.each(LOOKS)("finds its own, and nothing of another's: %s", async (_what, look, found, nothing) => {
    expect(await look(MINE)).toEqual(found);
    expect(await look(THEIRS)).toEqual(nothing);
  });

  it("attaches no SSH key of another's to its servers", async () => {
    expect(await store.sshKeys.attach(newId("server"), [ids.sshKey], THEIRS, null)).toBe(0);
    expect(await store.sshKeys.attach(ids.server, [ids.sshKey], MINE, null)).toBe(1);
  });

  it("deletes no SSH key of another's, and forgets none of its Idempotency-Keys", async () => {
    expect(await store.sshKeys.delete(ids.sshKey, THEIRS)).toBe(false);
    await store.idempotencyKeys.forget(ids.server, THEIRS);
    expect(await store.sshKeys.find(ids.sshKey, MINE)).not.toBeNull();
    expect(await store.idempotencyKeys.find(MINE, "k", NEVER)).not.toBeNull();
    expect(await store.sshKeys.delete(ids.sshKey, MINE)).toBe(true);
  });
});
