import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { READ_ONLY_KEY } from "./services-double.ts";

const SERVER = { name: "web-01", plan: "pro", region: "us-east-1", labels: { env: "test" } };
const DATABASE = { name: "db-01", engine: "postgresql", plan: "standard", region: "us-east-1" };

describe("POST /v1/servers?dry_run=true", () => {
  it("200 shows what would be made, and makes nothing", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers?dry_run=true", { body: SERVER });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("location")).toBeNull();
    expect(answer.body.data).toEqual({
      dry_run: true,
      ...SERVER,
      image: "ubuntu-22.04",
      ssh_keys: [],
      vcpus: 2,
      memory_mib: 2048,
      disk_gib: 40,
      price: { amount: "12.00", currency: "USD", per: "month" },
    });
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("refuses what the create refuses", async () => {
    const api = await startApi({ previewServer: () => Promise.reject(new DomainError("no_capacity")) });
    const wrong = await api.request("POST", "/v1/servers?dry_run=true", {
      body: { ...SERVER, name: "-", plan: "huge" },
    });
    expect(wrong.status).toBe(400);
    expect(wrongFields(wrong)).toEqual(["name", "plan"]);
    expect((await api.request("POST", "/v1/servers?dry_run=true", { body: SERVER })).status).toBe(503);
    const unable = await api.request("POST", "/v1/servers?dry_run=true", { body: SERVER, apiKey: READ_ONLY_KEY });
    expect(unable.status).toBe(403);
  });

  it.each(["yes", "1", "TRUE", ""])("a dry_run of %j is a 400, not a create", async (word) => {
    const api = await startApi();
    const answer = await api.request("POST", `/v1/servers?dry_run=${word}`, { body: SERVER });
    expect(answer.status).toBe(400);
    expect(issueOf(answer, "dry_run")).toBe("must be true or false");
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("a misspelt dry_run is a 400, not a create", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers?dryrun=true", { body: SERVER });
    expect(issueOf(answer, "dryrun")).toContain("did you mean dry_run?");
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("dry_run=false creates", async () => {
    const api = await startApi();
    expect((await api.request("POST", "/v1/servers?dry_run=false", { body: SERVER })).status).toBe(201);
  });
});

describe("POST /v1/databases?dry_run=true", () => {
  it("200 shows the version that it would be, and makes nothing", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/databases?dry_run=true", { body: DATABASE });
    expect(answer.status).toBe(200);
    expect(answer.body.data).toMatchObject({ dry_run: true, name: "db-01", version: "15.14", trusted_sources: [] });
    expect(api.services.createDatabase).not.toHaveBeenCalled();
  });
});
