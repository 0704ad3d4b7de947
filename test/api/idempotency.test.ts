import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { startApi, type TestApi, wrongFields } from "./harness.ts";
import { effect, SERVER } from "./services-double.ts";

const BODY = { name: "web", plan: "pro", region: "us-east-1", labels: { a: "1", b: "2" } };

async function create(api: TestApi, key: string, body: unknown = BODY) {
  return api.request("POST", "/v1/servers", { body, headers: { "Idempotency-Key": key } });
}

function idempotencyOf(api: TestApi, call: number) {
  return api.services.createServer.mock.calls[call]?.[1].idempotency;
}

describe("Idempotency-Key", () => {
  it("reaches the service with route and hash of the body", async () => {
    const api = await startApi();
    await create(api, "order-66");
    expect(idempotencyOf(api, 0)).toEqual({
      key: "order-66",
      route: "POST /v1/servers",
      bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("is null without the header", async () => {
    const api = await startApi();
    await api.request("POST", "/v1/servers", { body: BODY });
    expect(idempotencyOf(api, 0)).toBeNull();
  });

  it("sees the same body in another order of keys and white space, another one in another value", async () => {
    const api = await startApi();
    await create(api, "k");
    await create(api, "k", '{ "labels": {"b":"2", "a":"1"},\n "region":"us-east-1","plan":"pro","name":"web" }');
    await create(api, "k", { ...BODY, name: "web2" });
    const hashes = [0, 1, 2].map((call) => idempotencyOf(api, call)?.bodyHash);
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it("names the resource in the route of a DELETE", async () => {
    const api = await startApi();
    const headers = { "Idempotency-Key": "gone" };
    await api.request("DELETE", `/v1/servers/${SERVER.id}/`, { headers });
    expect(api.services.deleteServer.mock.calls[0]?.[1].idempotency?.route).toBe(`DELETE /v1/servers/${SERVER.id}`);
  });

  it("marks a replay, which answers like the first time", async () => {
    const api = await startApi({ createServer: () => Promise.resolve(effect({ ...SERVER, status: "active" }, true)) });
    const answer = await create(api, "again");
    expect(answer.status).toBe(201);
    expect(answer.headers.get("idempotent-replayed")).toBe("true");
    expect(answer.body.data).toMatchObject({ status: "active" });
  });

  it("leaves the mark out the first time", async () => {
    const api = await startApi();
    expect((await create(api, "first")).headers.get("idempotent-replayed")).toBeNull();
  });

  it.each([
    ["a space inside", "two words"],
    ["256 characters", "k".repeat(256)],
    ["nothing in it", ""],
    ["a letter beyond ASCII", "clé"],
    ["a tab inside", "a\tb"],
  ])("400 with %s", async (_what, key) => {
    const api = await startApi();
    const answer = await create(api, key);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["header Idempotency-Key"]);
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("takes 255 characters of any visible kind", async () => {
    const api = await startApi();
    expect((await create(api, '!"~{}'.repeat(51))).status).toBe(201);
  });

  it("does not matter to reads", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/v1/servers", { headers: { "Idempotency-Key": "two words" } });
    expect(answer.status).toBe(200);
  });

  it.each(["idempotency_key_reused", "request_in_progress"] as const)("409 %s", async (code) => {
    const api = await startApi({ createServer: () => Promise.reject(new DomainError(code)) });
    const answer = await create(api, "k");
    expect(answer.status).toBe(409);
    expect(answer.body.error?.code).toBe(code);
  });
});
