import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { SERVER_REQUESTS } from "../../src/domain/server.ts";
import { startApi, wrongFields } from "./harness.ts";
import { ACTION, PRINCIPAL, SERVER } from "./services-double.ts";

const PATH = `/v1/servers/${SERVER.id}/actions`;

describe("POST /v1/servers/{id}/actions", () => {
  it.each(SERVER_REQUESTS)("202 accepts %s and says where its progress is found", async (type) => {
    const api = await startApi();
    const body = type === "resize" ? { type, plan: "pro" } : { type };
    const answer = await api.request("POST", PATH, { body });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/v1/actions/${ACTION.id}`);
    expect(api.services.actOnServer.mock.calls[0]?.slice(0, 2)).toEqual([
      SERVER.id,
      { type, plan: type === "resize" ? "pro" : null, image: null },
    ]);
  });

  it("202 hands on the image of a rebuild", async () => {
    const api = await startApi();
    await api.request("POST", PATH, { body: { type: "rebuild", image: "debian-12" } });
    expect(api.services.actOnServer.mock.calls[0]?.[1]).toEqual({ type: "rebuild", plan: null, image: "debian-12" });
  });

  it.each<[string, object, string[]]>([
    ["no type", {}, ["type"]],
    ["an unknown type", { type: "explode" }, ["type"]],
    ["a resize without a plan", { type: "resize" }, ["plan"]],
    ["a plan and an image for a stop", { type: "stop", plan: "pro", image: "debian-12" }, ["plan", "image"]],
    ["an unknown field", { type: "stop", force: true }, ["force"]],
  ])("400 for %s", async (_what, body, fields) => {
    const api = await startApi();
    const answer = await api.request("POST", PATH, { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(fields);
    expect(api.services.actOnServer).not.toHaveBeenCalled();
  });
});

describe("GET /v1/servers/{id}/actions", () => {
  it("200 is a page with links to its neighbours", async () => {
    const api = await startApi();
    const answer = await api.request("GET", `${PATH}?page=2&per_page=20`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("link")).toContain(`<${PATH}?per_page=20&page=1>; rel="prev"`);
    expect(api.services.listActionsOf).toHaveBeenCalledWith(
      "server",
      SERVER.id,
      { page: 2, perPage: 20, cursor: null },
      PRINCIPAL,
    );
  });
});

describe("POST /v1/actions/{id}/cancel", () => {
  it("202 with the action", async () => {
    const api = await startApi();
    const answer = await api.request("POST", `/v1/actions/${ACTION.id}/cancel`);
    expect(answer.status).toBe(202);
    expect(answer.body.data).toMatchObject({ id: ACTION.id });
  });

  it("409 for what can't be cancelled", async () => {
    const api = await startApi({ cancelAction: () => Promise.reject(new DomainError("not_cancellable")) });
    const answer = await api.request("POST", `/v1/actions/${ACTION.id}/cancel`);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "not_cancellable" } } });
  });
});
