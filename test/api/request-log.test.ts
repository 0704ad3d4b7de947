import { describe, expect, it, vi } from "vitest";
import { PATIENT } from "../support/wait.ts";
import { startApi, type TestApi } from "./harness.ts";
import { API_KEY, PRINCIPAL, SERVER } from "./services-double.ts";

/** The line of the only request; it is written after the client has its answer. */
function requestLine(api: TestApi): Promise<object> {
  return vi.waitUntil(() => api.logEntries().find((entry) => entry.msg === "request"), PATIENT);
}

describe("the request log", () => {
  it("has one line with method, route pattern, status, duration, request id and account", async () => {
    const api = await startApi();
    const { body } = await api.request("GET", `/v1/servers/${SERVER.id}`);
    expect(await requestLine(api)).toMatchObject({
      level: "info",
      name: "api",
      method: "GET",
      route: "/v1/servers/:id",
      status: 200,
      duration_ms: expect.any(Number),
      request_id: body.meta.request_id,
      account_id: PRINCIPAL.accountId,
    });
  });

  it("holds no body, no query and no key", async () => {
    const api = await startApi();
    const body = { name: "secret-name", plan: "secret-plan", region: "us-east-1", user_data: "secret-data" };
    await api.request("POST", "/v1/servers?secret-parameter=secret-value", { body });
    await requestLine(api);
    const text = api.logLines.join("");
    expect(text).not.toContain("secret-");
    expect(text).not.toContain(API_KEY);
  });

  it("holds no malformed body", async () => {
    const api = await startApi();
    await api.request("POST", "/v1/servers", { body: '{"user_data":"secret-data"' });
    expect(await requestLine(api)).toMatchObject({ status: 400, error_code: "malformed_json" });
    expect(api.logLines.join("")).not.toContain("secret-data");
  });

  it("names no path that is none of ours", async () => {
    const api = await startApi();
    await api.request("GET", "/made/up");
    expect(await requestLine(api)).toMatchObject({ route: "unmatched", status: 404, error_code: "not_found" });
  });
});
