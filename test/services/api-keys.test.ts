import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { newApiToken } from "../../src/domain/api-token.ts";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import type { Principal } from "../../src/domain/principal.ts";
import { createOwnerAccount } from "../../src/services/accounts.ts";
import { createApiKey, getApiKey, listApiKeys, revokeApiKey, rollApiKey } from "../../src/services/api-keys.ts";
import { createAuthenticator } from "../../src/services/authenticate.ts";
import { ensureBootstrapApiKey } from "../../src/services/bootstrap.ts";
import type { Dependencies } from "../../src/services/dependencies.ts";
import type { RequestContext } from "../../src/services/services.ts";
import type { Store } from "../../src/store/store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { AMPLE_QUOTAS } from "../support/ample-limits.ts";
import { createTestStore, query } from "../support/database.ts";
import { waitUntil } from "../support/wait.ts";

const OLD_PEPPER = randomBytes(32);
const NEW_PEPPER = randomBytes(32);
const BY_HAND = `cn_live_sk_${"byhand".repeat(6)}`;
const HOUR_MS = 3_600_000;
const logger = createLogger({ level: "silent", name: "test" });

let store: Store;
let databaseUrl: string;
let close: () => Promise<void>;
let hasher: ApiTokenHasher;
let dependencies: Dependencies;
let accounts = 0;

beforeAll(async () => {
  ({ store, databaseUrl, close } = await createTestStore());
  hasher = new ApiTokenHasher([OLD_PEPPER]);
  const quotas = AMPLE_QUOTAS;
  dependencies = { store, quotas, apiTokenHasher: hasher, bootstrapApiKey: BY_HAND, logger } as Dependencies;
});
afterAll(() => close());

/** As an API process of its own: with a cache of its own. */
function newProcess(apiTokenHasher = hasher) {
  return createAuthenticator({ store, apiTokenHasher, bootstrapApiKey: BY_HAND, logger });
}

async function owner(): Promise<{ token: string; principal: Principal }> {
  const { token } = await createOwnerAccount(store, hasher, { name: `account-${++accounts}`, reason: "a test" });
  return { token, principal: await newProcess()(token) };
}

function context(principal: Principal, idempotencyKey?: string): RequestContext {
  const idempotency = idempotencyKey ? { key: idempotencyKey, route: "POST /v1/api_keys", bodyHash: "0" } : null;
  return { principal, requestId: "req", idempotency };
}

async function newKey(principal: Principal, change: { name?: string; scopes?: string[]; expiresAt?: Date } = {}) {
  const request = { name: `key-${randomBytes(4).toString("hex")}`, scopes: ["*"], expiresAt: null, ...change };
  const { value } = await createApiKey(dependencies, request, context(principal));
  return {
    id: value.key.id,
    key: value.key,
    token: value.token ?? "",
    principal: await newProcess()(value.token ?? ""),
  };
}

/** Asks until it is refused; when the last request came that was not. */
async function lastAccepted(authenticate: (token: string) => Promise<unknown>, token: string): Promise<number> {
  let accepted = Date.now();
  await waitUntil("the key is refused", async () => {
    const askedAt = Date.now();
    try {
      await authenticate(token);
      accepted = askedAt;
      return false;
    } catch {
      return true;
    }
  });
  return accepted;
}

const refused = { code: "unauthorized" };

describe("checking a key", () => {
  it("costs no query while it is warm, one for all that ask at once, and none when it is mistyped", async () => {
    const { token } = await owner();
    const look = vi.spyOn(store.apiKeyTokens, "findByHash");
    const authenticate = newProcess();
    await Promise.all([authenticate(token), authenticate(token), authenticate(token)]);
    for (let n = 0; n < 50; n++) await authenticate(token);
    expect(look).toHaveBeenCalledTimes(1);
    const mistyped = `${token.slice(0, 20)}${token[20] === "a" ? "b" : "a"}${token.slice(21)}`;
    await expect(authenticate(mistyped)).rejects.toMatchObject(refused);
    await expect(authenticate(BY_HAND.replace("y", "x"))).rejects.toMatchObject(refused);
    expect(look).toHaveBeenCalledTimes(1);
    look.mockRestore();
  });

  it("is looked at anew before its second is over, and nobody waits for that", async () => {
    const { token, principal } = await owner();
    const authenticate = newProcess();
    vi.useFakeTimers({ toFake: ["performance"] });
    const look = vi.spyOn(store.apiKeyTokens, "findByHash");
    try {
      await authenticate(token);
      look.mockClear().mockReturnValueOnce(new Promise(() => undefined));
      vi.advanceTimersByTime(700);
      expect(await authenticate(token)).toEqual(principal);
      expect(await authenticate(token)).toEqual(principal);
      expect(look).toHaveBeenCalledTimes(1);
    } finally {
      vi.useRealTimers();
      look.mockRestore();
    }
  });

  it("is refused within a second of its revocation in a process that knew it as good", async () => {
    const { principal } = await owner();
    const { id, token } = await newKey(principal);
    const elsewhere = newProcess();
    await elsewhere(token);
    await revokeApiKey(dependencies, id, context(principal));
    const revokedAt = Date.now();
    expect((await lastAccepted(elsewhere, token)) - revokedAt).toBeLessThan(1_000);
    await expect(newProcess()(token)).rejects.toMatchObject(refused);
  });

  it("is refused from its expiry on, also where it is warm", async () => {
    const { principal } = await owner();
    const { token, key } = await newKey(principal, { expiresAt: new Date(Date.now() + 1_500) });
    const authenticate = newProcess();
    await authenticate(token);
    // The clock that the cache goes by is not the calendar's: they may part by a tick.
    expect(await lastAccepted(authenticate, token)).toBeLessThanOrEqual((key.expiresAt?.getTime() ?? 0) + 5);
  });

  it("notes the last use to the minute, once a minute, and no request waits for it or fails with it", async () => {
    const { token, principal } = await owner();
    const note = vi.spyOn(store.apiKeys, "noteUse").mockRejectedValueOnce(new Error("the database is away"));
    await newProcess()(token);
    await newProcess()(token);
    await waitUntil("it is noted", async () => {
      const key = await getApiKey(dependencies, principal.apiKeyId, principal);
      return key.lastUsedAt !== null && key.lastUsedAt.getTime() % 60_000 === 0;
    });
    note.mockClear();
    await query(databaseUrl, "UPDATE api_keys SET last_used_at = now() + interval '1 minute' WHERE id = $1", [
      principal.apiKeyId,
    ]);
    await newProcess()(token);
    expect(note).not.toHaveBeenCalled();
    note.mockRestore();
  });
});

describe("rotating the pepper", () => {
  it("finds what the old one stored, and stores it under the new one at its next use", async () => {
    const { token } = await owner();
    const both = new ApiTokenHasher([NEW_PEPPER, OLD_PEPPER]);
    await newProcess(both)(token);
    const onlyNew = newProcess(new ApiTokenHasher([NEW_PEPPER]));
    await waitUntil("the new pepper alone is enough", () =>
      onlyNew(token).then(
        () => true,
        () => false,
      ),
    );
  });

  it("does not take a revoked bootstrap key for a new one, with the old pepper or without it", async () => {
    const token = newApiToken();
    expect(await ensureBootstrapApiKey(store, hasher, token)).toBeNull();
    const principal = await newProcess()(token);
    const { principal: other } = await newKey(principal);
    await revokeApiKey(dependencies, principal.apiKeyId, context(other));
    await ensureBootstrapApiKey(store, new ApiTokenHasher([NEW_PEPPER, OLD_PEPPER]), token);
    const onlyNew = new ApiTokenHasher([NEW_PEPPER]);
    await ensureBootstrapApiKey(store, onlyNew, token);
    await expect(newProcess(onlyNew)(token)).rejects.toMatchObject(refused);
  });

  it("makes one first key, however many processes start at once", async () => {
    const fresh = await createTestStore();
    const made = await Promise.all([1, 2, 3].map(() => ensureBootstrapApiKey(fresh.store, hasher, null)));
    expect(made.filter((token) => token !== null)).toHaveLength(1);
    await fresh.close();
  });
});

describe("making a key", () => {
  it("gives no scope that the asker lacks, and no longer life", async () => {
    const { principal } = await owner();
    const inAnHour = new Date(Date.now() + HOUR_MS);
    const limited = await newKey(principal, { scopes: ["api_keys:write", "servers:read"], expiresAt: inAnHour });
    const refusal = (change: object) =>
      expect(newKey(limited.principal, { scopes: ["servers:read"], expiresAt: inAnHour, ...change })).rejects;
    await refusal({ scopes: ["servers:write", "servers:read"] }).toMatchObject({
      code: "forbidden",
      details: [{ field: "scopes[0]" }],
    });
    await refusal({ scopes: ["*"] }).toMatchObject({ code: "forbidden" });
    await refusal({ expiresAt: new Date(Date.now() + 2 * HOUR_MS) }).toMatchObject({
      details: [{ field: "expires_at" }],
    });
    await refusal({ expiresAt: null }).toMatchObject({ code: "forbidden" });
    expect((await newKey(limited.principal, { scopes: ["servers:read"], expiresAt: inAnHour })).key.scopes).toEqual([
      "servers:read",
    ]);
  });

  it("is refused to a key that was revoked a moment ago, though its process still knows it as good", async () => {
    const { principal } = await owner();
    const revoked = await newKey(principal);
    await revokeApiKey(dependencies, revoked.id, context(principal));
    await expect(newKey(revoked.principal)).rejects.toMatchObject(refused);
  });

  it("shows its token once: a repetition has the key without it", async () => {
    const { principal } = await owner();
    const request = { name: "once", scopes: ["*"], expiresAt: null };
    const first = await createApiKey(dependencies, request, context(principal, "k"));
    const again = await createApiKey(dependencies, request, context(principal, "k"));
    expect(again).toMatchObject({ replayed: true, value: { token: null, key: { id: first.value.key.id } } });
    expect(
      await query(databaseUrl, "SELECT * FROM api_key_tokens WHERE to_jsonb(api_key_tokens)::text LIKE $1", [
        `%${first.value.token}%`,
      ]),
    ).toEqual([]);
  });

  it("has a name of its own among the living", async () => {
    const { principal } = await owner();
    const { id } = await newKey(principal, { name: "ci" });
    await expect(newKey(principal, { name: "ci" })).rejects.toMatchObject({ code: "name_taken" });
    await revokeApiKey(dependencies, id, context(principal));
    expect((await newKey(principal, { name: "ci" })).id).not.toBe(id);
    await newKey((await owner()).principal, { name: "ci" });
  });

  it("is refused with an expiry in the past", async () => {
    const { principal } = await owner();
    await expect(newKey(principal, { expiresAt: new Date(0) })).rejects.toMatchObject({ code: "validation_failed" });
  });
});

describe("rolling a key", () => {
  it("gives a new token and lets the old one work until the overlap ends", async () => {
    const { principal } = await owner();
    const { id, token } = await newKey(principal);
    const { value } = await rollApiKey(dependencies, id, 3600, context(principal));
    expect(value.key.previousTokenUntil?.getTime()).toBeGreaterThan(Date.now() + HOUR_MS - 10_000);
    for (const working of [token, value.token ?? ""]) expect((await newProcess()(working)).apiKeyId).toBe(id);

    const last = await rollApiKey(dependencies, id, 0, context(principal));
    for (const ended of [token, value.token ?? ""]) await expect(newProcess()(ended)).rejects.toMatchObject(refused);
    expect(last.value.key.previousTokenUntil).toBeNull();
    expect((await newProcess()(last.value.token ?? "")).apiKeyId).toBe(id);
  });

  it("can be repeated by the old token when the answer was lost", async () => {
    const { principal } = await owner();
    const { id, principal: self } = await newKey(principal);
    await rollApiKey(dependencies, id, 60, context(self));
    const { value } = await rollApiKey(dependencies, id, 60, context(self));
    expect((await newProcess()(value.token ?? "")).apiKeyId).toBe(id);
  });

  it("is refused to a key with fewer scopes, and to an old token that would make another key", async () => {
    const { principal } = await owner();
    const limited = await newKey(principal, { scopes: ["api_keys:write"] });
    await expect(rollApiKey(dependencies, principal.apiKeyId, 0, context(limited.principal))).rejects.toMatchObject({
      code: "forbidden",
    });
    await rollApiKey(dependencies, limited.id, 60, context(principal));
    await expect(newKey(limited.principal, { scopes: ["api_keys:write"] })).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("is refused once the key has expired", async () => {
    const { principal } = await owner();
    const { id } = await newKey(principal, { expiresAt: new Date(Date.now() + HOUR_MS) });
    await query(databaseUrl, "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);
    await expect(rollApiKey(dependencies, id, 0, context(principal))).rejects.toMatchObject({ code: "invalid_status" });
  });
});

describe("revoking a key", () => {
  it("is refused for the last that has full access and does not expire", async () => {
    const { principal } = await owner();
    await newKey(principal, { expiresAt: new Date(Date.now() + HOUR_MS) });
    await newKey(principal, { scopes: ["api_keys:write"] });
    const last = revokeApiKey(dependencies, principal.apiKeyId, context(principal));
    await expect(last).rejects.toMatchObject({ code: "last_owner_key" });
  });

  it("leaves one of two that revoke each other at once", async () => {
    const { principal } = await owner();
    const { id, principal: other } = await newKey(principal);
    const outcomes = await Promise.allSettled([
      revokeApiKey(dependencies, id, context(principal)),
      revokeApiKey(dependencies, principal.apiKeyId, context(other)),
    ]);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("takes it out of the list and makes it a 404", async () => {
    const { principal } = await owner();
    const { id } = await newKey(principal);
    const page = { page: 1, perPage: 20, cursor: null };
    expect((await listApiKeys(dependencies, page, principal)).total).toBe(2);
    await revokeApiKey(dependencies, id, context(principal));
    expect((await listApiKeys(dependencies, page, principal)).items.map((key) => key.id)).toEqual([principal.apiKeyId]);
    await expect(getApiKey(dependencies, id, principal)).rejects.toMatchObject({ code: "not_found" });
    await expect(revokeApiKey(dependencies, id, context(principal))).rejects.toMatchObject({ code: "not_found" });
  });
});
