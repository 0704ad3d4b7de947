import { request as rawRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import { ERROR_CODES, type ErrorCode } from "../../src/domain/error-codes.ts";
import { PUBLIC_URL, startApi } from "./harness.ts";
import { API_KEY, SERVER } from "./services-double.ts";

const ONE_SERVER = `/v1/servers/${SERVER.id}`;

describe("the envelope", () => {
  it("carries a request id of our own, also as X-Request-Id, and the time in whole seconds", async () => {
    const api = await startApi();
    const { headers, body } = await api.request("GET", ONE_SERVER, { headers: { "X-Request-Id": "mine" } });
    expect(body.status).toBe("success");
    expect(body.meta.request_id).toMatch(/^req_[a-z2-7]{24}$/);
    expect(headers.get("x-request-id")).toBe(body.meta.request_id);
    expect(body.meta.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Math.abs(Date.now() - Date.parse(body.meta.timestamp))).toBeLessThan(60_000);
  });

  it("gives every request another id", async () => {
    const api = await startApi();
    const answers = await Promise.all([1, 2, 3].map(() => api.request("GET", ONE_SERVER)));
    expect(new Set(answers.map((answer) => answer.body.meta.request_id)).size).toBe(3);
  });

  it("says nothing of what it is built with, and is kept by nobody", async () => {
    const api = await startApi();
    for (const path of [ONE_SERVER, "/nowhere", "/healthz"]) {
      const { headers } = await api.request("GET", path);
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("etag")).toBeNull();
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });
});

describe("a failure", () => {
  // Not through the check of the contract: no call answers with all of them.
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])("%s has its status, sentence and docs_url", async (code) => {
    const api = await startApi({
      getServer: () => Promise.reject(new DomainError(code, { internal: "host 10.1.2.3" })),
    });
    const response = await fetch(`${api.url}${ONE_SERVER}`, { headers: { authorization: `Bearer ${API_KEY}` } });
    const { status, headers } = response;
    expect(status).toBe(ERROR_CODES[code].httpStatus);
    expect(await response.json()).toEqual({
      status: "error",
      error: {
        code,
        message: ERROR_CODES[code].message,
        details: [],
        docs_url: `${PUBLIC_URL}/docs/errors/${code}`,
      },
      meta: { request_id: headers.get("x-request-id"), timestamp: expect.any(String) },
    });
    if (status === 503 || status === 429) expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  });

  it("500 leaks nothing to the client and tells the log everything", async () => {
    const cause = new Error("connect ECONNREFUSED 10.0.0.5:5432");
    const api = await startApi({ getServer: () => Promise.reject(new Error("query of table servers", { cause })) });
    const { status, body } = await api.request("GET", ONE_SERVER);
    expect(status).toBe(500);
    expect(body.error?.code).toBe("internal_error");
    expect(JSON.stringify(body)).not.toMatch(/servers|ECONN|10\.0\.0\.5|at /);
    const line = api.logEntries().find((entry) => entry.level === "error");
    expect(line).toMatchObject({ request_id: body.meta.request_id });
    expect(line?.err?.stack).toContain("ECONNREFUSED");
  });

  it.each([["a string"], [undefined], [null], [42]])("500 even if %s is thrown", async (thrown) => {
    const api = await startApi({
      getServer: () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do throw such things: that is the subject
        throw thrown;
      },
    });
    const { status, body } = await api.request("GET", ONE_SERVER);
    expect(status).toBe(500);
    expect(body.error?.code).toBe("internal_error");
  });
});

describe("401", () => {
  it.each([
    ["no header", null],
    ["another scheme", `Basic ${API_KEY}`],
    ["no token", "Bearer"],
    ["two tokens", `Bearer ${API_KEY} ${API_KEY}`],
    ["only the key", API_KEY],
    ["an unknown key", `Bearer cn_live_sk_${"0".repeat(40)}`],
    ["a key in quotes", `Bearer "${API_KEY}"`],
    ["an endless token", `Bearer ${"a".repeat(5000)}`],
  ])("for %s, with WWW-Authenticate and the envelope", async (_what, authorization) => {
    const api = await startApi();
    const headers: Record<string, string> = authorization === null ? {} : { Authorization: authorization };
    const answer = await api.request("POST", "/v1/servers", { apiKey: null, headers, body: "{" });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(answer.body.error?.code).toBe("unauthorized");
  });

  it("takes the scheme in any case", async () => {
    const api = await startApi();
    const headers = { Authorization: `bearer ${API_KEY}` };
    expect((await api.request("GET", ONE_SERVER, { apiKey: null, headers })).status).toBe(200);
  });
});

describe("404 and 405", () => {
  it.each([["/v1"], ["/v2/servers"], ["/V1/servers"], ["//v1/servers"], [`${ONE_SERVER}/nothing`], ["/%"]])(
    "404 with the envelope for %s",
    async (path) => {
      const api = await startApi();
      const answer = await api.request("GET", path);
      expect(answer.status).toBe(404);
      expect(answer.body.error?.code).toBe("not_found");
    },
  );

  it.each([
    ["PUT", "/v1/servers", "POST, GET, HEAD, OPTIONS"],
    ["PUT", ONE_SERVER, "GET, PATCH, DELETE, HEAD, OPTIONS"],
    ["POST", `/v1/actions/act_${"a".repeat(24)}`, "GET, HEAD, OPTIONS"],
    ["POST", "/healthz", "GET, HEAD, OPTIONS"],
  ])("405 for %s %s, with Allow", async (method, path, allow) => {
    const api = await startApi();
    const answer = await api.request(method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allow);
    expect(answer.body.error?.code).toBe("method_not_allowed");
  });

  it("OPTIONS tells what a path allows", async () => {
    const api = await startApi();
    const answer = await api.request("OPTIONS", "/v1/servers", { apiKey: null });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("allow")).toBe("POST, GET, HEAD, OPTIONS");
  });

  it("takes a request line with a whole URL", async () => {
    const api = await startApi();
    const { port } = new URL(api.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const path = `http://api.cloudnexus.com${ONE_SERVER}`;
      const headers = { Authorization: `Bearer ${API_KEY}` };
      rawRequest({ port, path, headers }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });
});
