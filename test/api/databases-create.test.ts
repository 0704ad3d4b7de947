import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { DATABASE, READ_ONLY_KEY } from "./services-double.ts";

/** The example of the published reference. */
const EXAMPLE = {
  engine: "postgresql",
  version: "15.4",
  plan: "standard",
  name: "app-db-prod",
  region: "us-east-1",
};

describe("POST /v1/databases: 201", () => {
  it("takes the published example and shows the fields of the contract", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/databases", { body: EXAMPLE });

    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/v1/databases/${DATABASE.id}`);
    expect(answer.body.data).toEqual({
      id: expect.stringMatching(/^db_[a-z0-9]+$/),
      name: "app-db-prod",
      engine: "postgresql",
      version: "15.14",
      implementation: "PostgreSQL",
      plan: "standard",
      region: "us-east-1",
      status: "provisioning",
      power_state: "unknown",
      endpoint: { host: "192.168.10.43", port: 5432 },
      tls_ca_url: `/v1/databases/${DATABASE.id}/ca.pem`,
      trusted_sources: [],
      labels: {},
      action_id: DATABASE.actionId,
      created_at: "2025-05-22T10:42:00Z",
      updated_at: "2025-05-22T10:42:00Z",
      error: null,
    });
  });

  it("hands the service what was asked", async () => {
    const api = await startApi();
    const extras = { trusted_sources: ["203.0.113.0/24", "198.51.100.7/32"], labels: { team: "a" } };
    await api.request("POST", "/v1/databases", { body: { ...EXAMPLE, ...extras } });
    expect(api.services.createDatabase.mock.calls[0]?.[0]).toEqual({
      name: "app-db-prod",
      engine: "postgresql",
      version: "15.4",
      plan: "standard",
      region: "us-east-1",
      trustedSources: extras.trusted_sources,
      labels: extras.labels,
    });
  });

  it("takes version, trusted_sources and labels as optional", async () => {
    const api = await startApi();
    const { version: _, ...required } = EXAMPLE;
    await api.request("POST", "/v1/databases", { body: required });
    expect(api.services.createDatabase.mock.calls[0]?.[0]).toMatchObject({
      version: null,
      trustedSources: [],
      labels: {},
    });
  });
});

describe("POST /v1/databases: 400", () => {
  it("lists every wrong field at once, shapes and references together", async () => {
    const api = await startApi();
    const body = { name: "-", engine: "oracle", version: "new", plan: "huge", region: "mars-1", colour: "red" };
    const answer = await api.request("POST", "/v1/databases", { body });
    expect(answer.status).toBe(400);
    expect(new Set(wrongFields(answer))).toEqual(new Set(["name", "engine", "version", "plan", "region", "colour"]));
    expect(issueOf(answer, "engine")).toBe("must be one of postgresql, mysql, redis, mongodb");
    expect(api.services.createDatabase).not.toHaveBeenCalled();
  });

  it("asks about the references of what is right in a wrong body", async () => {
    const api = await startApi();
    await api.request("POST", "/v1/databases", { body: { ...EXAMPLE, name: "-" } });
    expect(api.services.validateDatabaseReferences).toHaveBeenCalledWith({
      plan: "standard",
      region: "us-east-1",
      engine: "postgresql",
      version: "15.4",
    });
  });

  it.each([
    ["a number as version", { version: 15.4 }, "version"],
    ["a range as version", { version: ">=15" }, "version"],
    ["a version of five parts", { version: "1.2.3.4.5" }, "version"],
    ["SQL as version", { version: "15'; DROP TABLE databases; --" }, "version"],
    ["a quote in the name", { name: "it's" }, "name"],
    ["unicode in the name", { name: "datenbänk" }, "name"],
    ["SQL in the name", { name: 'x"; DROP DATABASE app; --' }, "name"],
    ["a string as trusted_sources", { trusted_sources: "10.0.0.0/8" }, "trusted_sources"],
    ["a plain address", { trusted_sources: ["203.0.113.7"] }, "trusted_sources[0]"],
    ["a name as source", { trusted_sources: ["10.0.0.0/8", "office"] }, "trusted_sources[1]"],
    ["an IPv6 block", { trusted_sources: ["2001:db8::/32"] }, "trusted_sources[0]"],
    ["a number as source", { trusted_sources: [10] }, "trusted_sources[0]"],
    ["a block twice", { trusted_sources: ["10.0.0.0/8", "10.0.0.0/8"] }, "trusted_sources"],
    ["65 sources", { trusted_sources: Array.from({ length: 65 }, (_, i) => `10.0.${i}.0/24`) }, "trusted_sources"],
    ["SQL as source", { trusted_sources: ["10.0.0.0/8'; --"] }, "trusted_sources[0]"],
  ])("%s is a 400 that names the field", async (_what, wrong, field) => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/databases", { body: { ...EXAMPLE, ...wrong } });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
    expect(api.services.createDatabase).not.toHaveBeenCalled();
  });

  it("says which block was probably meant", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/databases", {
      body: { ...EXAMPLE, trusted_sources: ["10.0.0.5/24"] },
    });
    expect(issueOf(answer, "trusted_sources[0]")).toContain("did you mean 10.0.0.0/24?");
  });

  it("passes on what the region has instead", async () => {
    const details = [
      { field: "version", issue: "postgresql 18 is not offered in us-east-1; there are postgresql 17.6" },
    ];
    const api = await startApi({
      createDatabase: () => Promise.reject(new DomainError("validation_failed", { details })),
    });
    const answer = await api.request("POST", "/v1/databases", { body: { ...EXAMPLE, version: "18" } });
    expect(answer.body.error?.details).toEqual(details);
  });
});

describe("POST /v1/databases: other refusals", () => {
  it("403 names the scope that the key lacks", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/databases", { body: EXAMPLE, apiKey: READ_ONLY_KEY });
    expect(answer.status).toBe(403);
    expect(answer.body.error?.message).toContain("databases:write");
  });
});
