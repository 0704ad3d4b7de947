import { Client } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { at, eventually, instance, Simulator, temporaryFolder, text } from "./support.ts";

const folder = temporaryFolder();
let simulator: Simulator;

beforeAll(async () => {
  simulator = await Simulator.start(folder);
});
beforeEach(async () => {
  await simulator.reset();
});
afterAll(async () => {
  await simulator.stop();
  folder.remove();
});

const create = { method: "POST", path: "/1.0/instances" };
const cut = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
const faults = async () => (await simulator.get("/sim/v1/faults")).body;

describe("a fault before the effect", () => {
  it("answers an error and does nothing, once", async () => {
    await simulator.fault({ kind: "error_before", match: create, status: 503, message: "busy" });
    expect(await simulator.create("cn-a")).toMatchObject({
      status: 503,
      body: { type: "error", error_code: 503, error: "busy" },
    });
    expect(await simulator.names()).toEqual([]);
    await simulator.created("cn-a");
  });

  it("never answers and does nothing", async () => {
    await simulator.fault({ kind: "timeout_before", match: create, delay_ms: 10 });
    await cut(simulator.create("cn-a"));
    expect(await simulator.names()).toEqual([]);
  });

  it("answers 412 whatever the ETag", async () => {
    await simulator.created("cn-a");
    const etag = String((await simulator.get(at("/cn-a"))).headers["etag"]);
    await simulator.fault({ kind: "wrong_etag", match: { method: "PATCH", path: "/1.0/instances/*" } });
    expect((await simulator.call("PATCH", at("/cn-a"), { config: {} }, { "if-match": etag })).status).toBe(412);
    expect((await simulator.call("PATCH", at("/cn-a"), { config: {} }, { "if-match": etag })).status).toBe(200);
  });

  it("delays, then acts", async () => {
    await simulator.fault({ kind: "slow", match: create, delay_ms: 5 });
    await simulator.created("cn-a");
    expect(await faults()).toMatchObject([{ kind: "slow", hits: 1 }]);
  });
});

describe("a fault after the effect", () => {
  it("loses the answer once the effect is complete", async () => {
    await simulator.fault({ kind: "lost_answer", match: create });
    await cut(simulator.create("cn-a"));
    expect(await simulator.names()).toEqual(["cn-a"]);
  });

  it("deletes and says it was not there", async () => {
    await simulator.created("cn-a");
    await simulator.fault({ kind: "not_found_on_delete", match: { path: "/1.0/instances/*" } });
    expect((await simulator.call("DELETE", at("/cn-a"))).status).toBe(404);
    expect(await simulator.names()).toEqual([]);
  });

  it("applies a request twice and answers the second time", async () => {
    await simulator.fault({ kind: "duplicate_delivery", match: create });
    expect((await simulator.ended(await simulator.create("cn-a")))["error"]).toContain("UNIQUE constraint failed");
    expect(await simulator.names()).toEqual(["cn-a"]);
  });
});

describe("a fault of the operation", () => {
  it.each([
    ["operation_fails", { message: "the pool is offline" }, "the pool is offline"],
    ["disk_full", {}, "no space left on device"],
  ])("%s ends it as a failure without an effect", async (kind, more, error) => {
    await simulator.fault({ kind, match: create, ...more });
    expect(await simulator.ended(await simulator.create("cn-a"))).toMatchObject({
      type: "error",
      error: expect.stringContaining(error),
    });
    expect(await simulator.names()).toEqual([]);
  });

  it("forgets it though the effect happens", async () => {
    await simulator.fault({ kind: "operation_lost", match: create });
    const answer = await simulator.create("cn-a");
    expect(answer.status).toBe(202);
    expect((await simulator.get(text(answer.body["operation"]))).status).toBe(404);
    await eventually(async () => (await simulator.names()).includes("cn-a"));
  });

  it("leaves requests alone that start none", async () => {
    await simulator.fault({ kind: "operation_fails", match: {} });
    expect((await simulator.get(at(""))).status).toBe(200);
    expect(await faults()).toMatchObject([{ matched: 0, hits: 0 }]);
  });
});

describe("a hold", () => {
  it("before the effect shows what it holds and acts on release", async () => {
    const id = await simulator.fault({ kind: "hold_before", match: create });
    const pending = simulator.create("cn-a");
    await eventually(async () => Number((await faults())[0]?.["held"]) === 1);
    expect(await simulator.names()).toEqual([]);
    expect((await simulator.call("POST", `/sim/v1/faults/${id}/release`)).body).toEqual({ released: 1 });
    expect((await simulator.ended(await pending))["metadata"]).toMatchObject({ status: "Success" });
  });

  it("before the effect drops the request of a client that goes away", async () => {
    const id = await simulator.fault({ kind: "hold_before", match: create });
    const client = new Client("http://simulator", { socketPath: folder.socket });
    const pending = client
      .request({ method: "POST", path: at(""), body: JSON.stringify(instance("cn-a")) })
      .catch((error: unknown) => error);
    await eventually(async () => Number((await faults())[0]?.["held"]) === 1);
    await client.destroy();
    expect(await pending).toBeInstanceOf(Error);
    await eventually(async () => Number((await faults())[0]?.["held"]) === 0);
    await simulator.call("DELETE", `/sim/v1/faults/${id}`);
    expect(await simulator.names()).toEqual([]);
  });

  it("after the effect holds back the answer only", async () => {
    const id = await simulator.fault({ kind: "hold_after", match: create });
    const pending = simulator.create("cn-a");
    await eventually(async () => Number((await faults())[0]?.["held"]) === 1);
    expect(await simulator.names()).toEqual(["cn-a"]);
    await simulator.call("DELETE", `/sim/v1/faults/${id}`);
    expect((await pending).status).toBe(202);
    expect(await faults()).toEqual([]);
  });
});

describe("matching", () => {
  it("fires from the nth match on, so many times", async () => {
    await simulator.fault({ kind: "error_before", match: { path: "/1.0", nth: 2 }, count: 2 });
    const seen: number[] = [];
    for (let call = 0; call < 5; call++) seen.push((await simulator.get("/1.0")).status);
    expect(seen).toEqual([200, 500, 500, 200, 200]);
    expect(await faults()).toMatchObject([{ matched: 5, hits: 2 }]);
  });

  it("fires without end for count 0", async () => {
    const id = await simulator.fault({ kind: "error_before", match: { path: "/1.0" }, count: 0 });
    for (let call = 0; call < 5; call++) expect((await simulator.get("/1.0")).status).toBe(500);
    await simulator.call("DELETE", `/sim/v1/faults/${id}`);
    expect((await simulator.get("/1.0")).status).toBe(200);
  });

  it("tells a stop from a start by the action", async () => {
    await simulator.created("cn-a");
    await simulator.fault({ kind: "error_before", match: { path: "**/state", action: "stop" } });
    await simulator.started("cn-a");
    expect((await simulator.setState("cn-a", "stop")).status).toBe(500);
  });

  it.each([
    ["/1.0/instances/*", true],
    ["/1.0/*", false],
    ["/1.0/**", true],
    ["^/1\\.0/instances/cn-[a-z]$", true],
    ["^/1\\.0/instances/cn-[0-9]$", false],
  ])("takes %s as a glob, or from ^ on as an expression", async (path, hits) => {
    await simulator.fault({ kind: "error_before", match: { path } });
    expect((await simulator.get(at("/cn-a"))).status).toBe(hits ? 500 : 404);
  });

  it("keeps to a project", async () => {
    await simulator.fault({ kind: "error_before", match: { path: "/1.0/instances", project: "default" } });
    expect((await simulator.get(at(""))).status).toBe(200);
    expect((await simulator.get("/1.0/instances")).status).toBe(500);
  });
});

describe("a rule that is none", () => {
  it.each([
    [{ kind: "hop" }, "kind must be one of error_before"],
    [{ kind: "slow", match: { path: 1 } }, "path must be text"],
    [{ kind: "slow", match: { path: "^(" } }, "match.path: "],
    [{ kind: "slow", delay: 1 }, "unknown field delay: known are match, kind"],
    [{ kind: "slow", match: { nth: -1 } }, "nth must be a whole number"],
  ])("%j is refused with the reason", async (rule, why) => {
    const answer = await simulator.call("POST", "/sim/v1/faults", rule);
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining(why) } });
  });
});
