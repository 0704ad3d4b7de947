import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
});
afterAll(() => world.close());

const GOOD = { name: "web-01", plan: "starter", region: "us-east-1" };
const LONG = "a".repeat(64);

async function post(body: string, contentType = "application/json"): Promise<Response> {
  return fetch(`${world.api.address}/v1/servers`, {
    method: "POST",
    headers: { authorization: "Bearer cn_live_sk_testtesttesttesttesttesttesttest", "content-type": contentType },
    body,
  });
}

async function traces(): Promise<unknown> {
  const rows = await world.sql(
    `SELECT (SELECT count(*) FROM servers) AS servers, (SELECT count(*) FROM actions) AS actions,
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
