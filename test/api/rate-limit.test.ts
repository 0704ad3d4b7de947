import { describe, expect, it, vi } from "vitest";
import { DomainError } from "../../src/domain/domain-error.ts";
import type { RateLimits } from "../../src/domain/rate-limits.ts";
import { createRateLimiter } from "../../src/services/rate-limiter.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { PATIENT } from "../support/wait.ts";
import { type Answer, startApi } from "./harness.ts";
import { READ_ONLY_KEY, SERVER, servicesDouble } from "./services-double.ts";

const HOUR = 3_600;
const PLENTY = { points: 1_000, seconds: HOUR };
const CREATE = { name: "web-01", plan: "pro", region: "us-east-1" };
const UNKNOWN_KEY = `cn_live_sk_${"Q0q0".repeat(10)}`;

/** Windows that do not end while a test runs. */
function limited(limits: Partial<RateLimits>) {
  const every = {
    keyBurst: PLENTY,
    keySustained: PLENTY,
    deleteReserve: PLENTY,
    addressFailures: PLENTY,
    addressDocuments: PLENTY,
  };
  const logger = createLogger({ level: "silent", name: "test" });
  return { rateLimiter: createRateLimiter({ limits: { ...every, ...limits }, store: null, logger }) };
}

function left({ headers }: Answer): string | null {
  return headers.get("ratelimit")?.replaceAll(/t=\d+/g, "t=…") ?? null;
}

function expectRefused({ status, headers, body }: Answer): void {
  expect([status, body.error?.code]).toEqual([429, "rate_limit_exceeded"]);
  const seconds = Number(headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(HOUR);
}

describe("the points of an API key", () => {
  it("are told in every answer to it: what there is, what is left, and until when", async () => {
    const api = await startApi(
      {},
      limited({ keyBurst: { points: 100, seconds: HOUR }, keySustained: { points: 500, seconds: 2 * HOUR } }),
    );
    const before = Math.floor(Date.now() / 1_000);
    const { headers } = await api.request("GET", "/v1/servers");
    expect(headers.get("ratelimit-policy")).toBe('"burst";q=100;w=3600, "sustained";q=500;w=7200');
    expect(headers.get("ratelimit")).toBe('"burst";r=99;t=3600, "sustained";r=499;t=7200');
    // Of the window with fewest points left.
    expect([headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")]).toEqual(["100", "99"]);
    expect(Number(headers.get("x-ratelimit-reset"))).toBeGreaterThanOrEqual(before + HOUR);
  });

  it("are taken by the cost of the call, whatever it answers", async () => {
    const api = await startApi({}, limited({}));
    const afterwards = async (method: string, path: string, options = {}) =>
      left(await api.request(method, path, options))?.split(",")[0];
    expect(await afterwards("GET", "/v1/servers")).toBe('"burst";r=999;t=…');
    expect(await afterwards("POST", "/v1/servers", { body: CREATE })).toBe('"burst";r=979;t=…');
    expect(await afterwards("POST", "/v1/servers", { body: { name: "?" } })).toBe('"burst";r=959;t=…');
    expect(await afterwards("POST", "/v1/servers?dry_run=true", { body: CREATE })).toBe('"burst";r=939;t=…');
    expect(await afterwards("GET", "/v1/servers/srv_none")).toBe('"burst";r=938;t=…');
    expect(await afterwards("DELETE", `/v1/servers/${SERVER.id}`)).toBe('"burst";r=937;t=…');
    expect(await afterwards("POST", "/v1/ssh_keys", { body: "{" })).toBe('"burst";r=932;t=…');
  });

  it("are taken of a call that the key has no scope for", async () => {
    const api = await startApi({}, limited({}));
    const answer = await api.request("GET", "/v1/actions/act_none", { apiKey: READ_ONLY_KEY });
    expect([answer.status, left(answer)]).toEqual([403, '"burst";r=999;t=…, "sustained";r=999;t=…']);
  });

  it.each([["keyBurst"], ["keySustained"]])("refuse with 429 when %s has none left", async (window) => {
    const api = await startApi({}, limited({ [window]: { points: 20, seconds: HOUR } }));
    expect((await api.request("POST", "/v1/servers", { body: CREATE })).status).toBe(201);
    const refused = await api.request("GET", "/v1/servers");
    expectRefused(refused);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(api.services.listServers).not.toHaveBeenCalled();
  });

  it("are not taken on the long run by what the short one refuses", async () => {
    const api = await startApi({}, limited({ keyBurst: { points: 20, seconds: 1 } }));
    const last = await api.request("POST", "/v1/servers", { body: CREATE });
    expect(left(last)).toBe('"burst";r=0;t=…, "sustained";r=980;t=…');
    // What comes before the second is over is refused; the first that is let through finds the long run as it was.
    const readings = await vi.waitUntil(
      async () => {
        const answer = await api.request("GET", "/v1/servers");
        return answer.status === 200 ? left(answer) : null;
      },
      { ...PATIENT, interval: 100 },
    );
    expect(readings).toBe('"burst";r=19;t=…, "sustained";r=979;t=…');
  });

  it("have a reserve for deletes", async () => {
    const api = await startApi(
      {},
      limited({ keyBurst: { points: 20, seconds: HOUR }, deleteReserve: { points: 2, seconds: HOUR } }),
    );
    await api.request("POST", "/v1/servers", { body: CREATE });
    expectRefused(await api.request("GET", "/v1/servers"));
    const remove = () => api.request("DELETE", `/v1/servers/${SERVER.id}`);
    const first = await remove();
    expect([first.status, left(first)]).toEqual([202, '"delete";r=1;t=…']);
    expect((await remove()).status).toBe(202);
    expectRefused(await remove());
    expect(api.services.deleteServer).toHaveBeenCalledTimes(2);
  });

  it("are the key's own", async () => {
    const double = servicesDouble();
    const api = await startApi(
      {
        async authenticate(token) {
          return { ...(await double.authenticate(token)), apiKeyId: token };
        },
      },
      limited({ keyBurst: { points: 1, seconds: HOUR } }),
    );
    expect((await api.request("GET", "/v1/servers")).status).toBe(200);
    expectRefused(await api.request("GET", "/v1/servers"));
    expect((await api.request("GET", "/v1/servers", { apiKey: READ_ONLY_KEY })).status).toBe(200);
  });
});

describe("requests without a valid API key", () => {
  it.each([
    ["without a key", null],
    ["with a made-up key", UNKNOWN_KEY],
  ])("%s are refused with 429 once an address has sent too many", async (_, apiKey) => {
    const api = await startApi({}, limited({ addressFailures: { points: 2, seconds: HOUR } }));
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await api.request("GET", "/v1/servers", { apiKey })).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
    expectRefused(await api.request("GET", "/v1/servers", { apiKey }));
  });

  it("are told what the address has left", async () => {
    const api = await startApi({}, limited({ addressFailures: { points: 2, seconds: HOUR } }));
    const answers: [number, string | null][] = [];
    for (const apiKey of [null, UNKNOWN_KEY, null]) {
      const answer = await api.request("GET", "/v1/servers", { apiKey });
      expect(answer.headers.get("ratelimit-policy")).toBe('"address";q=2;w=3600');
      answers.push([answer.status, left(answer)]);
    }
    expect(answers).toEqual([
      [401, '"address";r=1;t=…'],
      [401, '"address";r=0;t=…'],
      [429, '"address";r=0;t=…'],
    ]);
  });

  it.each([
    ["are all of one address where no proxy is believed", 0, "", [401, 401, 429, 429, 429]],
    ["are of the address that the believed proxy names, whatever stands before it", 1, "", [401, 401, 401, 401, 429]],
    [
      "are of the address that the outer of two believed proxies names, not of the inner one's neighbour",
      2,
      ", 198.51.100.9",
      [401, 401, 401, 401, 429],
    ],
  ])("%s", async (_, hops, proxies, expected) => {
    const api = await startApi(
      {},
      { ...limited({ addressFailures: { points: 2, seconds: HOUR } }), trustProxyHops: hops },
    );
    const statuses: number[] = [];
    for (const client of ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.2", "192.0.2.1"]) {
      const headers = { "X-Forwarded-For": `203.0.113.${statuses.length}, ${client}${proxies}` };
      statuses.push((await api.request("GET", "/v1/servers", { apiKey: null, headers })).status);
    }
    expect(statuses).toEqual(expected);
  });

  it("do not hold up a valid key at the same address", async () => {
    const api = await startApi({}, limited({ addressFailures: { points: 1, seconds: HOUR } }));
    for (let i = 0; i < 3; i++) await api.request("GET", "/v1/servers", { apiKey: null });
    expect((await api.request("GET", "/v1/servers")).status).toBe(200);
  });

  it("are counted before the look-up, and a key that turns out valid is not", async () => {
    const double = servicesDouble();
    const lookUps: string[] = [];
    const api = await startApi(
      {
        async authenticate(token, beforeLookUp) {
          await beforeLookUp?.();
          lookUps.push(token);
          return double.authenticate(token);
        },
      },
      limited({ addressFailures: { points: 2, seconds: HOUR } }),
    );
    for (let i = 0; i < 5; i++) expect((await api.request("GET", "/v1/servers")).status).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.request("GET", "/v1/servers", { apiKey: UNKNOWN_KEY })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(2);
    expect(lookUps.filter((token) => token === UNKNOWN_KEY)).toHaveLength(2);
  });

  it.each([
    ["a fault", new Error("nobody expected this"), 500],
    ["an outage", new DomainError("service_unavailable"), 503],
  ])("are not what %s counts as", async (_, error, status) => {
    const api = await startApi(
      {
        async authenticate(_token, beforeLookUp) {
          await beforeLookUp?.();
          throw error;
        },
      },
      limited({ addressFailures: { points: 1, seconds: HOUR } }),
    );
    for (let i = 0; i < 3; i++) expect((await api.request("GET", "/v1/servers")).status).toBe(status);
  });

  it("are counted once, also where the look-up was counted", async () => {
    const api = await startApi(
      {
        async authenticate(_token, beforeLookUp) {
          await beforeLookUp?.();
          throw new DomainError("unauthorized");
        },
      },
      limited({ addressFailures: { points: 2, seconds: HOUR } }),
    );
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await api.request("GET", "/v1/servers")).status);
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe("what needs no API key", () => {
  const DOCUMENTS = [
    ["GET", "/v1/openapi.json", 200],
    ["GET", "/docs", 200],
    ["GET", "/v1/nothing", 404],
    ["PUT", "/v1/servers", 405],
    ["OPTIONS", "/v1/servers", 204],
    ["POST", "/healthz", 405],
  ] as const;

  it.each(DOCUMENTS)("%s %s is limited by address, and told what is left", async (method, path, status) => {
    const api = await startApi({}, limited({ addressDocuments: { points: 1, seconds: HOUR } }));
    const send = () => fetch(`${api.url}${path}`, { method });
    const first = await send();
    expect([first.status, first.headers.get("ratelimit")]).toEqual([status, '"documents";r=0;t=3600']);
    const second = await send();
    expect([second.status, second.headers.get("retry-after")]).toEqual([429, "3600"]);
    expect((await api.request("GET", "/v1/servers")).status).toBe(200);
  });

  it.each(["/healthz", "/readyz"])("%s is never limited, and says nothing of it", async (path) => {
    const none = { points: 1, seconds: HOUR };
    const api = await startApi({}, limited({ addressDocuments: none, addressFailures: none, keyBurst: none }));
    for (let i = 0; i < 5; i++) {
      const answer = await api.request("GET", path, { apiKey: null });
      expect([answer.status, left(answer)]).toEqual([200, null]);
    }
  });
});
