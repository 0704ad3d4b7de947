import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiClient } from "../support/api-client.ts";
import { createAuditor } from "../support/audits.ts";
import { typist } from "../support/command-line.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let operator: ApiClient;
let token: string;

beforeAll(async () => {
  world = await createWorld();
  ({ api: operator, token } = await createAuditor(world));
});
afterAll(() => world.close());

interface Build {
  build_id: string;
  status: string;
  percent: number | null;
  workers: number;
}

const buildsOf = (answer: { body: { data: unknown } }) => answer.body.data as Build[];
const list = async () => buildsOf(await operator.get("/v1/operator/workers"));
const change = (body: object) => operator.call("POST", "/v1/operator/workers/actions", { reason: "a test", ...body });
const statuses = (builds: Build[]) => Object.fromEntries(builds.map(({ build_id, status }) => [build_id, status]));

function startBuild(buildId: string, servedRegions?: string[]) {
  return world.startWorker([], { config: { versioning: { buildId }, ...(servedRegions && { servedRegions }) } });
}

async function knowWorkersOf(buildId: string): Promise<void> {
  await waitUntil(`${buildId} has workers`, async () =>
    (await list()).some((build) => build.build_id === buildId && build.workers > 0),
  );
}

describe("the builds of the workers", () => {
  it("are none where no worker is versioned, and none can be named", async () => {
    expect(await list()).toEqual([]);
    expect(await change({ type: "set_current", build_id: "never-seen" })).toMatchObject({
      status: 400,
      body: { error: { code: "validation_failed", details: [{ field: "build_id" }] } },
    });
    expect(await change({ type: "rollback" })).toMatchObject({
      status: 409,
      body: { error: { code: "invalid_status" } },
    });
    expect(await world.sql("SELECT 1 FROM audit_events WHERE event = 'workers.change'")).toEqual([]);
  });

  it("begin with one that is current by itself; a later one waits until an operator says so", async () => {
    await startBuild("one");
    await knowWorkersOf("one");
    await startBuild("two");
    await knowWorkersOf("two");
    expect(statuses(await list())).toEqual({ one: "current", two: "inactive" });
    const { body } = await world.api.createServer("on-the-first");
    expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
    expect(statuses(await list())).toEqual({ one: "current", two: "inactive" });
  });

  it("are ramped, rolled back, made current and rolled back, each with a row in the audit log", async () => {
    const ramped = await change({ type: "ramp", build_id: "two", percent: 20, reason: "release two" });
    expect(buildsOf(ramped)).toContainEqual(
      expect.objectContaining({ build_id: "two", status: "ramping", percent: 20 }),
    );
    const ended = buildsOf(await change({ type: "rollback", reason: "too slow" }));
    expect(ended).toContainEqual(expect.objectContaining({ build_id: "one", status: "current" }));
    expect(ended.some(({ status }) => status === "ramping")).toBe(false);

    expect(statuses(buildsOf(await change({ type: "set_current", build_id: "two" })))).toMatchObject({
      two: "current",
    });
    expect(statuses(buildsOf(await change({ type: "rollback" })))).toMatchObject({ one: "current" });

    const rows = await world.sql(
      "SELECT resource_id, reason, before, after FROM audit_events WHERE event = 'workers.change' ORDER BY created_at, id",
    );
    expect(rows).toMatchObject([
      { resource_id: "two", reason: "release two", before: { current: "one", ramping: null }, after: { percent: 20 } },
      { resource_id: "two", reason: "too slow", before: { ramping: "two", percent: 20 }, after: { type: "rollback" } },
      { resource_id: "two", before: { current: "one" }, after: { type: "set_current" } },
      { resource_id: "one", before: { current: "two" }, after: { type: "rollback" } },
    ]);
  });

  it("can't be current without workers of every region, and the refusal is in no log", async () => {
    await startBuild("three", ["eu-west-2"]);
    await knowWorkersOf("three");
    const before = await world.sql("SELECT count(*) FROM audit_events");
    expect(await change({ type: "set_current", build_id: "three" })).toMatchObject({
      status: 409,
      body: { error: { code: "invalid_status" } },
    });
    expect(await world.sql("SELECT count(*) FROM audit_events")).toEqual(before);
    expect(statuses(await list())).toMatchObject({ one: "current" });
  });

  it("are a table on the command line", async () => {
    const run = typist(world.api.address, token);
    expect((await run("workers list")).out).toMatch(/^BUILD +STATUS +WORKERS[^]*\none +current +1 /);
    const { data } = JSON.parse((await run("workers ramp two --percent 5 --reason a-trial -o json")).out);
    expect(data).toContainEqual(expect.objectContaining({ build_id: "two", percent: 5 }));
    expect(await run("workers rollback --reason over")).toMatchObject({
      exitCode: 0,
      out: expect.not.stringContaining("ramping"),
    });
    const refused = await run("workers set-current nobody --reason new");
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining("unknown build; one of: ") });
    expect(await run("workers rollback")).toMatchObject({ exitCode: 2, err: expect.stringContaining("--reason") });
    expect(await run("workers upgrade")).toMatchObject({ exitCode: 2, err: expect.stringContaining("'upgrade'") });
  });
});
