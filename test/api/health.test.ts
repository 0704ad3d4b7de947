import { describe, expect, it } from "vitest";
import { startApi } from "./harness.ts";

describe("GET /healthz", () => {
  it("200 without a key, whatever the rest does", async () => {
    const api = await startApi({ readiness: () => Promise.reject(new Error("all is lost")) });
    const answer = await api.request("GET", "/healthz", { apiKey: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: "success", data: { alive: true } });
    expect(api.services.authenticate).not.toHaveBeenCalled();
  });
});

describe("GET /readyz", () => {
  it("200 without a key, with the checks", async () => {
    const api = await startApi();
    const answer = await api.request("GET", "/readyz", { apiKey: null });
    expect(answer.status).toBe(200);
    const ready = { ready: true, message: null };
    expect(answer.body.data).toEqual({ ready: true, checks: { database: ready, temporal: ready, worker: ready } });
  });

  it("503 names the check that fails and shows them all", async () => {
    const api = await startApi({
      readiness: () =>
        Promise.resolve({
          database: { ready: true, message: null },
          temporal: { ready: false, message: "Temporal does not answer" },
          worker: { ready: true, message: null },
        }),
    });
    const answer = await api.request("GET", "/readyz", { apiKey: null });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(answer.body.error).toMatchObject({
      code: "service_unavailable",
      details: [{ field: "temporal", issue: "Temporal does not answer" }],
    });
    expect(answer.body.data).toMatchObject({ ready: false, checks: { database: { ready: true } } });
  });
});
