import { beforeEach, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { ENDPOINTS, isForOperators, sampleBody } from "../support/endpoint-calls.ts";
import { startApi, type TestApi } from "./harness.ts";
import { PRINCIPAL } from "./services-double.ts";

/** Every change that operators make says why: the rows come from the list that the router is made of. */
const CHANGES = ENDPOINTS.filter(({ endpoint }) => isForOperators(endpoint) && endpoint.method !== "get");
/** Of an audit only a repair changes anything. */
const REPAIR = { repair: true };

let api: TestApi;
beforeEach(async () => {
  const scopes = ["*", "operator"];
  api = await startApi({ authenticate: () => Promise.resolve({ ...PRINCIPAL, scopes }) });
});

describe.each(CHANGES)("$name", ({ endpoint }) => {
  it("is refused without a reason", async () => {
    const path = endpoint.path.replace(":id", newId(endpoint.id ?? "server"));
    const { reason: _, ...body } = sampleBody(endpoint, "") ?? {};
    const isAudit = endpoint.docs.operationId === "createAudit";
    const answer = await api.request(endpoint.method.toUpperCase(), path, {
      ...(endpoint.body && { body: { ...body, ...(isAudit && REPAIR) } }),
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "validation_failed" } } });
    expect(answer.body.error?.details).toEqual([{ field: "reason", issue: expect.stringMatching(/^is required/) }]);
  });
});

describe("an audit that only looks", () => {
  it("needs none", async () => {
    expect((await api.request("POST", "/v1/operator/audits", { body: { repair: false } })).status).toBe(202);
  });
});
