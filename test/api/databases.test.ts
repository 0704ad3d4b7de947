import { describe, expect, it } from "vitest";
import { DATABASE_REQUESTS } from "../../src/domain/database.ts";
import { DomainError } from "../../src/domain/domain-error.ts";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { ACTION, CREDENTIALS, DATABASE, PRINCIPAL, READ_ONLY_KEY, SERVER } from "./services-double.ts";

const PATH = `/v1/databases/${DATABASE.id}`;

describe("GET /v1/databases", () => {
  it("200 answers a page, and passes every filter on", async () => {
    const api = await startApi();
    const query = "engine=redis&status=active&region=eu-west-2&name=cache&label=team%3Da&per_page=10";
    const answer = await api.request("GET", `/v1/databases?${query}`);
    expect(answer.status).toBe(200);
    expect(answer.body.data).toHaveLength(1);
    expect(answer.body.meta.pagination).toMatchObject({ page: 1, per_page: 10, total: 45 });
    expect(answer.headers.get("link")).toContain("</v1/databases?engine=redis&status=active");
    expect(api.services.listDatabases).toHaveBeenCalledWith(
      {
        engine: "redis",
        status: "active",
        region: "eu-west-2",
        name: "cache",
        label: { key: "team", value: "a" },
      },
      { page: 1, perPage: 10, cursor: null },
      PRINCIPAL,
    );
  });

  it.each([
    ["engine=oracle", "engine"],
    ["status=running", "status"],
    ["version=15", "version"],
  ])("400 for ?%s", async (query, field) => {
    const api = await startApi();
    const answer = await api.request("GET", `/v1/databases?${query}`);
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
  });
});

describe("GET /v1/databases/{id}", () => {
  it("200 shows the database", async () => {
    const api = await startApi();
    expect((await api.request("GET", PATH)).body.data).toMatchObject({ id: DATABASE.id, engine: "postgresql" });
  });

  it.each([[SERVER.id], ["db_short"], [ACTION.id]])("404 for %s, which is no database id", async (id) => {
    const api = await startApi();
    expect((await api.request("GET", `/v1/databases/${id}`)).status).toBe(404);
    expect(api.services.getDatabase).not.toHaveBeenCalled();
  });
});

describe("PATCH /v1/databases/{id}", () => {
  it("200 hands on what is to change, and nothing else", async () => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, { body: { name: "renamed" } });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({ name: "renamed" });
    expect(api.services.updateDatabase.mock.calls[0]?.slice(0, 2)).toEqual([DATABASE.id, { name: "renamed" }]);
  });

  it("200 takes an empty list of sources for the region's network", async () => {
    const api = await startApi();
    await api.request("PATCH", PATH, { body: { trusted_sources: [], labels: {} } });
    expect(api.services.updateDatabase.mock.calls[0]?.[1]).toEqual({ trustedSources: [], labels: {} });
  });

  it.each([
    ["the engine", { engine: "mysql" }, ["engine", "body"]],
    ["the plan beside a name", { name: "web", plan: "standard" }, ["plan"]],
    ["a wrong name", { name: "" }, ["name"]],
    ["a wrong source", { trusted_sources: ["10/8"] }, ["trusted_sources[0]"]],
  ])("400 for %s", async (_what, body, fields) => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(fields);
  });

  it.each([
    ["a body that changes nothing", { body: {} }],
    ["no body, which may have been lost on its way", {}],
  ])("400 for %s, which says what it could", async (_what, sent) => {
    const api = await startApi();
    const answer = await api.request("PATCH", PATH, sent);
    expect(answer.status).toBe(400);
    const issue = "must have at least one of name, labels, trusted_sources";
    expect(answer.body.error?.details).toEqual([{ field: "body", issue }]);
    expect(api.services.updateDatabase).not.toHaveBeenCalled();
  });

  it("is listed where another method is tried", async () => {
    const api = await startApi();
    const answer = await api.request("PUT", PATH, { body: {} });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, PATCH, DELETE, HEAD, OPTIONS");
  });
});

describe("DELETE /v1/databases/{id}", () => {
  it("202 answers with the action", async () => {
    const api = await startApi();
    const answer = await api.request("DELETE", PATH);
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/v1/actions/${DATABASE.actionId}`);
    expect(answer.body.data).toMatchObject({ type: "delete", resource: { type: "database", id: DATABASE.id } });
  });
});

describe("POST /v1/databases/{id}/actions", () => {
  it.each(DATABASE_REQUESTS)("202 answers %s with the action", async (type) => {
    const api = await startApi();
    const answer = await api.request("POST", `${PATH}/actions`, { body: { type } });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe(`/v1/actions/${DATABASE.actionId}`);
    expect(api.services.actOnDatabase.mock.calls[0]?.slice(0, 2)).toEqual([DATABASE.id, type]);
  });

  it.each([[{}], [{ type: "explode" }], [{ type: "create" }], [{ type: ["restart"] }]])("400 for %j", async (body) => {
    const api = await startApi();
    const answer = await api.request("POST", `${PATH}/actions`, { body });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual(["type"]);
  });

  it("409 names the action that runs", async () => {
    const details = [{ field: "action_id", issue: ACTION.id }];
    const api = await startApi({ actOnDatabase: () => Promise.reject(new DomainError("resource_busy", { details })) });
    const answer = await api.request("POST", `${PATH}/actions`, { body: { type: "restart" } });
    expect(answer.status).toBe(409);
    expect(issueOf(answer, "action_id")).toBe(ACTION.id);
  });
});

describe("GET /v1/databases/{id}/credentials", () => {
  it("200 shows what a client needs to log in", async () => {
    const api = await startApi();
    const answer = await api.request("GET", `${PATH}/credentials`);
    const { caCertificate, ...login } = CREDENTIALS;
    expect(answer.body.data).toEqual({ ...login, ca_certificate: caCertificate });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(api.services.readDatabaseCredentials.mock.calls[0]?.[1]).toMatchObject({
      principal: PRINCIPAL,
      requestId: answer.body.meta.request_id,
    });
    expect(api.logLines.join("")).not.toContain(CREDENTIALS.password);
  });

  it.each([["databases:read"], ["databases:write"]])("403 with the scope %s alone", async (scope) => {
    const api = await startApi({ authenticate: () => Promise.resolve({ ...PRINCIPAL, scopes: [scope] }) });
    const answer = await api.request("GET", `${PATH}/credentials`);
    expect(answer.status).toBe(403);
    expect(answer.body.error?.message).toContain("databases:credentials");
    expect(api.services.readDatabaseCredentials).not.toHaveBeenCalled();
  });
});

describe("GET /v1/databases/{id}/ca.pem", () => {
  it("200 is the file itself", async () => {
    const api = await startApi();
    const response = await contractFetch(`${api.url}${PATH}/ca.pem`, {
      headers: { Authorization: `Bearer cn_live_sk_${"A1b2".repeat(10)}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-pem-file");
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    expect(await response.text()).toBe(CREDENTIALS.caCertificate);
  });

  it("404 and 401 come in the envelope", async () => {
    const api = await startApi({ getDatabaseCa: () => Promise.reject(new DomainError("not_found")) });
    expect((await api.request("GET", `${PATH}/ca.pem`)).body.error?.code).toBe("not_found");
    expect((await api.request("GET", `${PATH}/ca.pem`, { apiKey: null })).status).toBe(401);
  });
});

describe("GET /v1/database_engines", () => {
  it("200 lists what can be ordered where", async () => {
    const api = await startApi();
    expect((await api.request("GET", "/v1/database_engines")).body.data).toEqual([
      { engine: "postgresql", version: "17.6", implementation: "PostgreSQL", regions: ["us-east-1"] },
    ]);
  });

  it("403 without a scope for databases", async () => {
    const api = await startApi();
    expect((await api.request("GET", "/v1/database_engines", { apiKey: READ_ONLY_KEY })).status).toBe(403);
  });
});
