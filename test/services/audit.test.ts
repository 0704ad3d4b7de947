import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import type { Principal } from "../../src/domain/principal.ts";
import { addOwnerKey, createOwnerAccount } from "../../src/services/accounts.ts";
import { createApiKey, revokeApiKey, rollApiKey } from "../../src/services/api-keys.ts";
import { createAuthenticator } from "../../src/services/authenticate.ts";
import { ensureBootstrapApiKey } from "../../src/services/bootstrap.ts";
import type { Dependencies } from "../../src/services/dependencies.ts";
import type { RequestContext } from "../../src/services/services.ts";
import type { Repositories, Store } from "../../src/store/store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { AMPLE_QUOTAS } from "../support/ample-limits.ts";
import { createTestStore, everyRow, query } from "../support/database.ts";

const hasher = new ApiTokenHasher([randomBytes(32)]);
const logger = createLogger({ level: "silent", name: "test" });
/** Every token that was issued here. */
const tokens: string[] = [];

let store: Store;
let databaseUrl: string;
let close: () => Promise<void>;
let dependencies: Dependencies;
let principal: Principal;
let accounts = 0;

beforeAll(async () => {
  ({ store, databaseUrl, close } = await createTestStore());
  dependencies = { store, apiTokenHasher: hasher, quotas: AMPLE_QUOTAS } as Dependencies;
  principal = await newOwner();
});
afterAll(() => close());

async function newOwner(): Promise<Principal> {
  const { token } = await createOwnerAccount(store, hasher, { name: `audited-${++accounts}`, reason: "a test" });
  tokens.push(token);
  return createAuthenticator({ store, apiTokenHasher: hasher, bootstrapApiKey: null, logger })(token);
}

function context(requestId: string, idempotencyKey?: string): RequestContext {
  const idempotency = idempotencyKey ? { key: idempotencyKey, route: "a route", bodyHash: "0" } : null;
  return { principal, requestId, idempotency };
}

async function newKey(name: string, of: RequestContext): Promise<string> {
  const { value } = await createApiKey(dependencies, { name, scopes: ["*"], expiresAt: null }, of);
  if (value.token !== null) tokens.push(value.token);
  return value.key.id;
}

async function roll(id: string, of: RequestContext): Promise<void> {
  const { value } = await rollApiKey(dependencies, id, 60, of);
  if (value.token !== null) tokens.push(value.token);
}

/** What is in the audit of an account, without what two rows never share. */
async function audited(accountId: string): Promise<object[]> {
  return query(
    databaseUrl,
    `SELECT event, resource_type, resource_id, api_key_id, request_id FROM audit_events WHERE account_id = $1 ORDER BY created_at, event`,
    [accountId],
  );
}

function keyEvent(event: string, id: string, requestId: string): object {
  const by = { api_key_id: principal.apiKeyId, request_id: requestId };
  return { event, resource_type: "api_key", resource_id: id, ...by };
}

describe("the audit of API keys", () => {
  it("has who created, rolled and revoked which, once however often it is repeated", async () => {
    const before = await audited(principal.accountId);
    const id = await newKey("watched", context("req_create", "k1"));
    await newKey("watched", context("req_again", "k1"));
    await roll(id, context("req_roll", "k2"));
    await roll(id, context("req_again", "k2"));
    await revokeApiKey(dependencies, id, context("req_revoke", "k3"));
    await revokeApiKey(dependencies, id, context("req_again", "k3"));
    expect((await audited(principal.accountId)).slice(before.length)).toEqual([
      keyEvent("api_key.create", id, "req_create"),
      keyEvent("api_key.roll", id, "req_roll"),
      keyEvent("api_key.revoke", id, "req_revoke"),
    ]);
  });

  it("has nothing of what was refused", async () => {
    const before = await audited(principal.accountId);
    await newKey("taken", context("req_first"));
    await expect(newKey("taken", context("req_refused"))).rejects.toMatchObject({ code: "name_taken" });
    await expect(roll("key_none", context("req_refused"))).rejects.toMatchObject({ code: "not_found" });
    await expect(revokeApiKey(dependencies, "key_none", context("req_refused"))).rejects.toThrow();
    expect(await audited(principal.accountId)).toHaveLength(before.length + 1);
  });

  it.each<[string, (of: Dependencies, id: string) => Promise<unknown>]>([
    ["a create", (of) => createApiKey(of, { name: "half", scopes: ["*"], expiresAt: null }, context("req"))],
    ["a roll", (of, id) => rollApiKey(of, id, 60, context("req"))],
    ["a revocation", (of, id) => revokeApiKey(of, id, context("req"))],
  ])("is written with its effect or not at all: %s", async (what, act) => {
    const id = await newKey(`kept-${what.replace(" ", "-")}`, context("req"));
    const state = () =>
      query(databaseUrl, "SELECT k.*, t.* FROM api_keys k JOIN api_key_tokens t ON t.api_key_id = k.id ORDER BY t.id");
    const before = [await state(), await audited(principal.accountId)];
    await expect(act({ ...dependencies, store: withoutAudit() }, id)).rejects.toThrow("the audit is away");
    expect([await state(), await audited(principal.accountId)]).toEqual(before);
  });
});

/** A store in which nothing can be audited. */
function withoutAudit(): Store {
  const auditEvents = { insert: () => Promise.reject(new Error("the audit is away")) };
  const transaction: Store["transaction"] = (work) =>
    store.transaction((repositories) => work({ ...repositories, auditEvents } as unknown as Repositories));
  return { ...store, transaction };
}

describe("the audit of what is done on the database", () => {
  it("has the account and every key that an operator makes, without a key or request of the API", async () => {
    const { account, token } = await createOwnerAccount(store, hasher, { name: "operated", reason: "signed up" });
    const { token: another } = await addOwnerKey(store, hasher, {
      account: "operated",
      name: "recovery",
      reason: "lost",
    });
    tokens.push(token, another);
    const [first, second] = await query<{ id: string }>(
      databaseUrl,
      "SELECT id FROM api_keys WHERE account_id = $1 ORDER BY created_at, name",
      [account.id],
    );
    const by = { api_key_id: null, request_id: null };
    expect(await audited(account.id)).toEqual([
      { event: "account.create", resource_type: "account", resource_id: account.id, ...by },
      { event: "api_key.create", resource_type: "api_key", resource_id: first?.id, ...by },
      { event: "api_key.create", resource_type: "api_key", resource_id: second?.id, ...by },
    ]);
  });

  it("has the first key of the installation, once", async () => {
    tokens.push((await ensureBootstrapApiKey(store, hasher, null)) ?? "");
    expect(await ensureBootstrapApiKey(store, hasher, null)).toBeNull();
    const rows = await query(
      databaseUrl,
      `SELECT event FROM audit_events WHERE account_id = (SELECT id FROM accounts WHERE name = 'default')`,
    );
    expect(rows).toEqual([{ event: "api_key.create" }]);
  });
});

describe("no token", () => {
  it("is in any row", async () => {
    const rows = await everyRow((text) => query(databaseUrl, text));
    expect(rows).toContain("api_key.revoke");
    expect(tokens.length).toBeGreaterThan(5);
    for (const token of tokens) expect(rows.includes(token)).toBe(false);
  });
});
