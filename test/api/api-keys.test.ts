import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { API_KEY, effect, KEY, PRINCIPAL, READ_ONLY_KEY } from "./services-double.ts";

const BODY = { name: "deploy", scopes: ["servers:read", "databases:credentials"] };
const COLLECTION = "/v1/api_keys";
const MEMBER = `${COLLECTION}/${KEY.id}`;

describe("POST /v1/api_keys", () => {
  it("201 answers with the key and its token", async () => {
    const api = await startApi();
    const answer = await api.request("POST", COLLECTION, {
      body: { ...BODY, expires_at: "2099-01-31T12:00:00+02:00" },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(MEMBER);
    expect(answer.body.data).toEqual({
      id: KEY.id,
      name: "deploy",
      hint: KEY.hint,
      scopes: BODY.scopes,
      expires_at: "2099-01-31T10:00:00Z",
      last_used_at: "2025-05-22T11:07:00Z",
      previous_token_until: null,
      created_at: "2025-05-22T10:42:00Z",
      token: API_KEY,
    });
    expect(api.logLines.join("")).not.toContain(API_KEY);
  });

  it("without an expiry makes one that does not expire", async () => {
    const api = await startApi();
    await api.request("POST", COLLECTION, { body: BODY });
    expect(api.services.createApiKey.mock.calls[0]?.[0]).toEqual({ ...BODY, expiresAt: null });
  });

  it("400 reports everything that is wrong at once", async () => {
    const api = await startApi();
    const body = {
      name: "my key",
      scopes: ["servers:read", "server:write"],
      expires_at: "2001-01-01T00:00:00Z",
      scope: 1,
    };
    const answer = await api.request("POST", COLLECTION, { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["name", "scopes[1]", "scope", "expires_at"]);
    expect(issueOf(answer, "scopes[1]")).toContain("servers:write");
    expect(issueOf(answer, "scope")).toContain("did you mean scopes?");
    expect(issueOf(answer, "expires_at")).toBe("must be in the future");
  });

  it.each<[string, object, string]>([
    ["no scope", { scopes: [] }, "scopes"],
    ["a scope twice", { scopes: ["*", "*"] }, "scopes"],
    ["a scope that there is not", { scopes: ["operators"] }, "scopes[0]"],
    ["scopes as a text", { scopes: "*" }, "scopes"],
    ["a date for an expiry", { expires_at: "2099-01-31" }, "expires_at"],
    ["a time without a zone", { expires_at: "2099-01-31T12:00:00" }, "expires_at"],
    ["a number for an expiry", { expires_at: 4_000_000_000 }, "expires_at"],
  ])("400 for %s", async (_what, change, field) => {
    const api = await startApi();
    const answer = await api.request("POST", COLLECTION, { body: { ...BODY, ...change } });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
  });

  it("403 names what the key can't give", async () => {
    const details = [{ field: "scopes[0]", issue: "this key lacks *" }];
    const api = await startApi({ createApiKey: () => Promise.reject(new DomainError("forbidden", { details })) });
    const answer = await api.request("POST", COLLECTION, { body: BODY });
    expect(answer.status).toBe(403);
    expect(answer.body.error?.details).toEqual(details);
  });

  it("a repetition shows no token", async () => {
    const api = await startApi({ createApiKey: () => Promise.resolve(effect({ key: KEY, token: null }, true)) });
    const answer = await api.request("POST", COLLECTION, { body: BODY, headers: { "Idempotency-Key": "k" } });
    expect(answer.headers.get("idempotent-replayed")).toBe("true");
    expect(answer.body.data).toMatchObject({ id: KEY.id, token: null });
  });
});

describe("GET /v1/api_keys", () => {
  it("shows keys without their tokens", async () => {
    const api = await startApi();
    const list = await api.request("GET", COLLECTION);
    expect(list.body.data).toMatchObject([{ id: KEY.id, hint: KEY.hint }]);
    expect(list.body.meta.pagination).toMatchObject({ total: 1 });
    const one = await api.request("GET", MEMBER);
    expect(one.body.data).not.toHaveProperty("token");
    expect(api.services.getApiKey).toHaveBeenCalledWith(KEY.id, PRINCIPAL);
  });

  it("403 without the scope", async () => {
    const api = await startApi();
    const answer = await api.request("GET", COLLECTION, { apiKey: READ_ONLY_KEY });
    expect(answer.body.error?.message).toContain("api_keys:write");
  });
});

describe("POST /v1/api_keys/{id}/roll", () => {
  it("400 without a body, which may have been lost on its way, though it need not say anything", async () => {
    const api = await startApi();
    const answer = await api.request("POST", `${MEMBER}/roll`);
    expect(answer.status).toBe(400);
    expect(answer.body.error?.details).toEqual([{ field: "body", issue: "is required" }]);
    expect(api.services.rollApiKey).not.toHaveBeenCalled();
  });

  it.each<[string, unknown, number]>([
    ["as long as it says", { overlap_seconds: 0 }, 0],
    ["a day unless it says otherwise", {}, 86_400],
  ])("lets the old token work %s", async (_what, body, seconds) => {
    const api = await startApi();
    const answer = await api.request("POST", `${MEMBER}/roll`, { body });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({ id: KEY.id, token: API_KEY });
    expect(api.services.rollApiKey.mock.calls[0]?.slice(0, 2)).toEqual([KEY.id, seconds]);
  });

  it.each([-1, 1.5, "60", 604_801, null])("400 for an overlap of %j", async (overlap) => {
    const api = await startApi();
    const answer = await api.request("POST", `${MEMBER}/roll`, { body: { overlap_seconds: overlap } });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["overlap_seconds"]);
  });
});

describe("DELETE /v1/api_keys/{id}", () => {
  it("200 with nothing left to show", async () => {
    const api = await startApi();
    const answer = await api.request("DELETE", MEMBER);
    expect(answer.status).toBe(200);
    expect(answer.body.data).toBeNull();
  });

  it("409 for the last owner key", async () => {
    const api = await startApi({ revokeApiKey: () => Promise.reject(new DomainError("last_owner_key")) });
    const answer = await api.request("DELETE", MEMBER);
    expect(answer.status).toBe(409);
    expect(answer.body.error?.code).toBe("last_owner_key");
  });
});
