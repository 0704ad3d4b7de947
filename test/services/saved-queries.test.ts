import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOperator } from "../support/operator.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** The queries of docs/operations.md find what they say, in Temporal's list as it is. */

const TEXT = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
const [, chapter = ""] = /^## Finding workflows\n([\s\S]*?)^## /m.exec(TEXT) ?? [];
const QUERIES = [...chapter.matchAll(/^\| ([^|`]+) \| `([^`]+)`/gm)].map(([, what = "", query = ""]) => ({
  what,
  query,
}));

/** What each has to find of what was made here. Null: it is of no account, and only has to be understood. */
const FINDS: Record<string, string[] | null> = {
  "all that was done to a resource": ["create gone", "delete gone"],
  "what runs for an account": ["create held", "create stuck", "delete gone"],
  "creates that have run for more than five minutes": ["create held", "create stuck"],
  "what runs long, and not because it is held": ["create stuck"],
  "what is held, by anything": ["create held", "delete gone"],
  "what one hold keeps waiting": ["create held", "delete gone"],
  "what failed in the last hour": ["create failed"],
  "what failed in a region": ["create failed"],
  "creates that failed in one step": ["create failed"],
  "whether one image is to blame": ["create failed"],
  "what is under way with an image that is to be withdrawn": ["create held", "create stuck", "delete gone"],
  "databases of one engine, any major": ["create database"],
  "what failed for want of room": ["create failed"],
  "what ran out of time": ["create failed"],
  "what a customer or a DELETE cancelled": ["create cancelled"],
  "deletes that a region holds up": ["delete gone"],
  "retries and openings of gates that run": null,
  "CloudNexus's own upkeep": null,
};

let world: World;
let accountId: string;
/** What stands in place of an example's value. */
let values: [RegExp, string][];
/** By id. */
const names = new Map<string, string>();

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
  const operator = await createOperator(world);
  const [account] = await world.sql<{ id: string }>("SELECT account_id AS id FROM api_keys WHERE scopes = '{*}'");
  accountId = account?.id ?? "";
  const create = async (name: string, change: object = {}) => {
    const server = (await world.api.createServer(name, { image: "debian-12", ...change })).body.data;
    names.set(server.id, name);
    return server;
  };
  const failOn = { method: "POST", path: "/1.0/instances" };

  const gone = await create("gone", { region: "eu-west-2" });
  expect((await world.api.actionEnd(gone.action_id)).status).toBe("succeeded");
  const database = (await world.api.createDatabase("database")).body.data;
  names.set(database.id, "database");
  expect((await world.api.actionEnd(database.action_id)).status).toBe("succeeded");
  await world.simulator.addFault({ kind: "error_before", match: failOn, count: 1, status: 400 });
  const failed = await create("failed", { region: "us-east-1" });
  const { status, error } = await world.api.actionEnd(failed.action_id);
  expect(status).toBe("failed");

  const hold = await operator.hold({ region: "eu-west-2" }, "the network is changed");
  const held = await create("held", { region: "eu-west-2" });
  const cancelled = await create("cancelled", { region: "eu-west-2" });
  const deletion = (await world.api.deleteServer(gone.id)).body.data;
  for (const id of [held.action_id, cancelled.action_id, deletion.id]) await operator.waitsFor(hold, id);
  await world.api.call("POST", `/v1/actions/${cancelled.action_id}/cancel`);
  expect((await world.api.actionEnd(cancelled.action_id)).status).toBe("cancelled");
  await world.simulator.addFault({ kind: "error_before", match: failOn, count: 1_000_000, status: 503 });
  await create("stuck", { region: "us-east-1" });

  values = [
    [/srv_…/, gone.id],
    [/acc_…/, accountId],
    [/hld_…/, hold],
    [/(?<=CloudNexusErrorCode = ')(?!cancelled)\w+/, error?.code ?? ""],
    [/(?<=CloudNexusFailedStep = ')\w+/, error?.step ?? ""],
    [/(?<=StartTime < ')[^']+/, hourFromNow(1)],
    [/(?<=CloseTime > ')[^']+/, hourFromNow(-1)],
  ];
});
afterAll(() => world.close());

function hourFromNow(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

async function found(query: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { workflowId } of world.temporal.workflow.list({ query })) {
    const [, verb = "", id = ""] = /^(\w+)-\w+\/(\w+)\//.exec(workflowId) ?? [];
    all.push(`${verb} ${names.get(id) ?? id}`);
  }
  return all.sort();
}

describe("the queries of docs/operations.md", () => {
  it("are those that are tried", () => {
    expect(QUERIES.map(({ what }) => what)).toEqual(Object.keys(FINDS));
  });

  it.each(QUERIES)("$what", async ({ what, query }) => {
    const filled = values.reduce((text, [example, value]) => text.replace(example, value), query);
    const expected = FINDS[what] ?? null;
    if (expected === null) {
      await found(filled);
      return;
    }
    // Other tests have the same namespace. Temporal's list follows what happens a moment later.
    const narrowed = `(${filled}) AND CloudNexusAccountId = '${accountId}'`;
    let last: string[] = [];
    const isFound = async () => {
      last = await found(narrowed);
      return JSON.stringify(last) === JSON.stringify(expected);
    };
    // What it finds instead says more than that it was waited for.
    await waitUntil(`${what} is found`, isFound).catch(() => expect(last).toEqual(expected));
  });
});
