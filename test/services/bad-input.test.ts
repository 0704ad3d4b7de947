import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
});
afterAll(() => world.close());

const GOOD = { name: "web-01", plan: "starter", region: "us-east-1" };
const LONG = "a".repeat(64);

async function post(body: string, contentType = "application/json", path = "/v1/servers"): Promise<Response> {
  return contractFetch(`${world.api.address}${path}`, {
    method: "POST",
    headers: { authorization: "Bearer cn_live_sk_testtesttesttesttesttesttesttest", "content-type": contentType },
    body,
  });
}

async function traces(): Promise<unknown> {
  const rows = await world.sql(
    `SELECT (SELECT count(*) FROM servers) AS servers, (SELECT count(*) FROM databases) AS databases, (SELECT count(*) FROM actions) AS actions,
      (SELECT count(*) FROM idempotency_keys) AS keys, (SELECT count(*) FROM ip_addresses WHERE resource_id IS NOT NULL) AS held`,
  );
  const requests = await world.simulator.requests();
  return { rows, changes: requests.filter((request) => request.method !== "GET").length };
}

describe("a bad POST /v1/servers", () => {
  it.each<[string, string, number]>([
    ["not JSON", "{name:", 400],
    ["an array", "[]", 400],
    ["a string", '"web"', 400],
    ["nothing", "", 400],
    ["wrong types", JSON.stringify({ name: 1, plan: [], region: {}, image: true, ssh_keys: "key" }), 400],
    ["an unknown field", JSON.stringify({ ...GOOD, naem: "x" }), 400],
    ["an unknown plan", JSON.stringify({ ...GOOD, plan: "huge" }), 400],
    ["a plan for databases", JSON.stringify({ ...GOOD, plan: "standard" }), 400],
    ["an unknown region", JSON.stringify({ ...GOOD, region: "mars-1" }), 400],
    ["an unknown image", JSON.stringify({ ...GOOD, image: "windows-95" }), 400],
    ["an unknown key", JSON.stringify({ ...GOOD, ssh_keys: ["key_aaaaaaaaaaaaaaaaaaaaaaaa"] }), 400],
    ["a name of 64 characters", JSON.stringify({ ...GOOD, name: LONG }), 400],
    ["a prototype", '{"name":"web-01","plan":"__proto__","region":"constructor","image":"toString"}', 400],
    ["a body of 1 MB", JSON.stringify({ ...GOOD, user_data: "x".repeat(1024 * 1024) }), 413],
    ...["name", "plan", "region", "image", "user_data"].flatMap((field): [string, string, number][] => [
      [`a NUL in ${field}`, JSON.stringify({ ...GOOD, [field]: "a\u0000b" }), 400],
      // User data has lines; nothing else does.
      ...(field === "user_data"
        ? []
        : [[`a newline in ${field}`, JSON.stringify({ ...GOOD, [field]: "a\nb" }), 400] as [string, string, number]]),
    ]),
    ["a NUL in a key id", JSON.stringify({ ...GOOD, ssh_keys: ["key_\u0000"] }), 400],
    ["a newline in a label", JSON.stringify({ ...GOOD, labels: { "a\nb": "c\nd" } }), 400],
  ])("with %s is refused, and makes nothing", async (_, body, status) => {
    const before = await traces();
    const answer = await post(body);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect({ status: answer.status, code: error.code }).toMatchObject({ status });
    expect(await traces()).toEqual(before);
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])(
    "as %s is a 415, and makes nothing",
    async (contentType) => {
      const before = await traces();
      expect((await post(JSON.stringify(GOOD), contentType)).status).toBe(415);
      expect(await traces()).toEqual(before);
    },
  );
});

const GOOD_DATABASE = { name: "db-01", engine: "postgresql", version: "17", plan: "standard", region: "us-east-1" };

describe("a bad POST /v1/databases", () => {
  it.each<[string, object, string[]]>([
    ["an unknown engine", { engine: "oracle" }, ["engine"]],
    ["an unknown version", { version: "99" }, ["version"]],
    ["a version of another engine", { engine: "redis", version: "17" }, ["version"]],
    ["SQL as version", { version: "17'; DROP TABLE databases; --" }, ["version"]],
    ["a quote in the name", { name: "o'brien" }, ["name"]],
    ["SQL in the name", { name: 'x"; DROP DATABASE app; --' }, ["name"]],
    ["unicode in the name", { name: "données-✓" }, ["name"]],
    ["a source that is no block", { trusted_sources: ["everybody"] }, ["trusted_sources[0]"]],
    ["a source with host bits", { trusted_sources: ["10.0.0.1/8"] }, ["trusted_sources[0]"]],
    ["a plan for servers", { plan: "starter" }, ["plan"]],
    ["a prototype as engine", { engine: "__proto__", plan: "constructor" }, ["engine", "plan"]],
    ["everything wrong", { name: "", engine: "", version: "", plan: "", region: "", trusted_sources: 1 }, []],
  ])("with %s is refused, and makes nothing", async (_, wrong, fields) => {
    const before = await traces();
    const answer = await post(JSON.stringify({ ...GOOD_DATABASE, ...wrong }), "application/json", "/v1/databases");
    const { error } = (await answer.json()) as { error: { code: string; details: { field: string }[] } };
    expect({ status: answer.status, code: error.code }).toEqual({ status: 400, code: "validation_failed" });
    if (fields.length > 0) expect(error.details.map(({ field }) => field)).toEqual(fields);
    expect(await traces()).toEqual(before);
  });
});
