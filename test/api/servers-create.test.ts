import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { issueOf, startApi, wrongFields } from "./harness.ts";
import { effect, READ_ONLY_KEY, SERVER } from "./services-double.ts";

/** The example of the published reference. */
const EXAMPLE = {
  name: "production-web-01",
  plan: "pro",
  region: "us-east-1",
  image: "ubuntu-22.04",
  ssh_keys: ["key_8f3k29", "key_9d2m41"],
};

describe("POST /v1/servers: 201", () => {
  it("answers the published example as published", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body: EXAMPLE });

    expect(answer.status).toBe(201);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("location")).toBe(`/v1/servers/${SERVER.id}`);
    expect(answer.body).toMatchObject({
      status: "success",
      data: {
        id: expect.stringMatching(/^srv_[a-z0-9]+$/),
        name: "production-web-01",
        plan: "pro",
        region: "us-east-1",
        status: "provisioning",
        ipv4: "192.168.10.42",
        created_at: "2025-05-22T10:42:00Z",
      },
    });
  });

  it("shows the fields of the contract and no others", async () => {
    const api = await startApi();
    const { body } = await api.request("POST", "/v1/servers", { body: EXAMPLE });
    expect(Object.keys(body.data as object).sort()).toEqual(
      "action_id created_at error id image ipv4 labels name plan power_state region ssh_keys status updated_at".split(
        " ",
      ),
    );
  });

  it("hands the service what was asked", async () => {
    const api = await startApi();
    const extras = { user_data: "#cloud-config\n\tpackages: []\r\n", labels: { "team/env": "production web" } };
    const answer = await api.request("POST", "/v1/servers", { body: { ...EXAMPLE, ...extras } });

    expect(answer.status).toBe(201);
    expect(api.services.createServer.mock.calls[0]?.[0]).toEqual({
      name: "production-web-01",
      plan: "pro",
      region: "us-east-1",
      image: "ubuntu-22.04",
      sshKeyIds: ["key_8f3k29", "key_9d2m41"],
      userData: extras.user_data,
      labels: extras.labels,
    });
  });

  it("takes image, ssh_keys, user_data and labels as optional", async () => {
    const api = await startApi();
    const { name, plan, region } = EXAMPLE;
    await api.request("POST", "/v1/servers", { body: { name, plan, region } });
    expect(api.services.createServer.mock.calls[0]?.[0]).toEqual({
      name,
      plan,
      region,
      image: null,
      sshKeyIds: [],
      userData: null,
      labels: {},
    });
  });

  it("answers with a null address while none is allocated", async () => {
    const api = await startApi({ createServer: () => Promise.resolve(effect({ ...SERVER, ipv4: null })) });
    const { body } = await api.request("POST", "/v1/servers", { body: EXAMPLE });
    expect(body.data).toMatchObject({ ipv4: null });
  });

  it("takes content types with a charset parameter", async () => {
    const api = await startApi();
    const headers = { "Content-Type": "Application/JSON; charset=UTF-8" };
    expect((await api.request("POST", "/v1/servers", { body: EXAMPLE, headers })).status).toBe(201);
  });
});

describe("POST /v1/servers: 400", () => {
  it("lists every wrong field at once, shapes and references together", async () => {
    const api = await startApi();
    const body = { name: "-bad-", plan: "huge", region: "mars-1", image: 7, ssh_keys: ["key_none"], colour: "red" };
    const answer = await api.request("POST", "/v1/servers?verbose=1", {
      body,
      headers: { "Idempotency-Key": "two words" },
    });

    expect(answer.status).toBe(400);
    expect(answer.body.error?.code).toBe("validation_failed");
    expect(new Set(wrongFields(answer))).toEqual(
      new Set(["verbose", "name", "image", "colour", "header Idempotency-Key", "plan", "region", "ssh_keys[0]"]),
    );
    expect(api.services.createServer).not.toHaveBeenCalled();
  });

  it("lists the required fields when there is no body", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers");
    expect(answer.status).toBe(400);
    expect(answer.body.error?.details).toEqual(
      ["name", "plan", "region"].map((field) => ({ field, issue: "is required" })),
    );
  });

  it("suggests the field that was probably meant", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", {
      body: { ...EXAMPLE, nmae: "a", sshKeys: [], regoin: "x", hostname: "y" },
    });
    expect(issueOf(answer, "nmae")).toContain("did you mean name?");
    expect(issueOf(answer, "sshKeys")).toContain("did you mean ssh_keys?");
    expect(issueOf(answer, "regoin")).toContain("did you mean region?");
    expect(issueOf(answer, "hostname")).not.toContain("did you mean");
  });

  it.each([
    ["a plan", { plan: "huge" }, "plan"],
    ["a region", { region: "mars-1" }, "region"],
    ["an image", { image: "templeos" }, "image"],
    ["an SSH key", { ssh_keys: ["key_8f3k29", "key_none"] }, "ssh_keys[1]"],
  ])("refuses %s that does not exist", async (_what, wrong, field) => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body: { ...EXAMPLE, ...wrong } });
    expect(answer.status).toBe(400);
    expect(wrongFields(answer)).toEqual([field]);
  });
});

describe("POST /v1/servers: other refusals", () => {
  it("403 names the scope that the key lacks", async () => {
    const api = await startApi();
    const answer = await api.request("POST", "/v1/servers", { body: EXAMPLE, apiKey: READ_ONLY_KEY });
    expect(answer.status).toBe(403);
    expect(answer.body.error).toMatchObject({ code: "forbidden", message: expect.stringContaining("servers:write") });
  });

  it("409 when the name is taken", async () => {
    const details = [{ field: "name", issue: "another server has it" }];
    const api = await startApi({ createServer: () => Promise.reject(new DomainError("name_taken", { details })) });
    const answer = await api.request("POST", "/v1/servers", { body: EXAMPLE });
    expect(answer.status).toBe(409);
    expect(answer.body.error).toMatchObject({ code: "name_taken", details });
  });

  it("503 says when to come back if the region is full", async () => {
    const api = await startApi({ createServer: () => Promise.reject(new DomainError("no_capacity")) });
    const answer = await api.request("POST", "/v1/servers", { body: EXAMPLE });
    expect(answer.status).toBe(503);
    expect(answer.body.error?.code).toBe("no_capacity");
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  });
});
