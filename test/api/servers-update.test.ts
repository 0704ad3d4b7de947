import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { startApi, wrongFields } from "./harness.ts";
import { PRINCIPAL, READ_ONLY_KEY, SERVER } from "./services-double.ts";

const PATH = `/v1/servers/${SERVER.id}`;

describe("PATCH /v1/servers/{id}: 200", () => {
  it("hands on what is to change and nothing else, and answers with the server", async () => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, { body: { name: "renamed" }, headers: { "Idempotency-Key": "k" } });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({ id: SERVER.id, name: "renamed", labels: SERVER.labels });
    const [id, request, context] = api.services.updateServer.mock.calls[0] ?? [];
    expect({ id, request }).toEqual({ id: SERVER.id, request: { name: "renamed" } });
    expect(context).toMatchObject({ principal: PRINCIPAL, idempotency: { key: "k" } });
  });

  it("takes labels that are none for the removal of all", async () => {
    const api = await startApi();
    await api.request("PATCH", PATH, { body: { labels: {} } });
    expect(api.services.updateServer.mock.calls[0]?.[1]).toEqual({ labels: {} });
  });
});

describe("PATCH /v1/servers/{id}: refused", () => {
  it("400 for a body that changes nothing, which says what it could", async () => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, { body: {} });
    expect(answer.status).toBe(400);
    expect(answer.body.error?.details).toEqual([{ field: "body", issue: "must have at least one of name, labels" }]);
    expect(api.services.updateServer).not.toHaveBeenCalled();
  });

  it.each([
    ["no body", undefined, ["body"]],
    ["an array", [], ["body"]],
    ["the plan alone", { plan: "pro" }, ["plan", "body"]],
    ["the image", { name: "web", image: "debian-12" }, ["image"]],
    ["a wrong name and wrong labels", { name: "", labels: [] }, ["name", "labels"]],
  ])("400 for %s", async (_what, body, fields) => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, body === undefined ? {} : { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(fields);
    expect(api.services.updateServer).not.toHaveBeenCalled();
  });

  it("403 without servers:write", async () => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, { body: { name: "renamed" }, apiKey: READ_ONLY_KEY });
    expect(answer.status).toBe(403);
    expect(answer.body.error?.message).toContain("servers:write");
  });

  it("404 for what is no id of a server", async () => {
    const api = await startApi();
    expect((await api.request("PATCH", "/v1/servers/srv_short", { body: { name: "renamed" } })).status).toBe(404);
    expect(api.services.updateServer).not.toHaveBeenCalled();
  });

  it("409 where another server has the name", async () => {
    const api = await startApi({ updateServer: () => Promise.reject(new DomainError("name_taken")) });
    const answer = await api.request("PATCH", PATH, { body: { name: "taken" } });
    expect(answer.status).toBe(409);
    expect(answer.body.error?.code).toBe("name_taken");
  });
});
