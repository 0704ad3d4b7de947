import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ActionStep } from "../../src/domain/action.ts";
import { newId } from "../../src/domain/ids.ts";
import type { ActionFailure } from "../../src/domain/workflow-contracts.ts";
import { createTestStore, query } from "../support/database.ts";

const ACCOUNT = "acc_a";
let world: Awaited<ReturnType<typeof createTestStore>>;
let id: string;

beforeEach(async () => {
  world = await createTestStore();
  id = newId("action");
  const resource = { resourceKind: "server", resourceId: newId("server"), region: "us-east-1", image: null } as const;
  await world.store.actions.insert({ id, accountId: ACCOUNT, type: "delete", requestId: "req_a", ...resource });
});
afterEach(() => world.close());

const steps = async () => (await world.store.actions.find(id, ACCOUNT))?.steps ?? [];
const statuses = async () => (await steps()).map((step) => step.status);
const note = (name: string, change: Partial<ActionStep>) => world.store.actions.noteSteps(id, { [name]: change });

function failureOf(step: ActionFailure["step"]): ActionFailure {
  return { code: "infrastructure_error", message: "It failed.", step, retryable: true, leftovers: [] };
}

describe("an action's steps", () => {
  it("keep every note, however many come at once", async () => {
    const names = (await steps()).map((step) => step.name);
    await Promise.all(names.map((name, index) => note(name, { attempt: index + 1 })));
    expect((await steps()).map((step) => step.attempt)).toEqual(names.map((_, index) => index + 1));
  });

  it("have all succeeded when the action has, although their notes never came", async () => {
    const [first] = await steps();
    const started_at = new Date(Date.now() - 60_000).toISOString();
    await note(first!.name, { status: "running", attempt: 3, started_at });
    await world.store.actions.end(id, "succeeded", null);

    const ended = await steps();
    expect(ended[0]).toMatchObject({ status: "succeeded", attempt: 3, started_at });
    for (const step of ended) {
      expect(step).toMatchObject({ status: "succeeded", message: null });
      expect(step.attempt).toBeGreaterThan(0);
      for (const time of [step.started_at, step.ended_at]) expect(new Date(time ?? "").toISOString()).toBe(time);
    }
  });

  it("end at the one that failed: those before it have succeeded, those after it never began", async () => {
    const names = (await steps()).map((step) => step.name);
    await note(names[1]!, { status: "running", attempt: 2 });
    await world.store.actions.end(id, "failed", failureOf(names[1] as ActionFailure["step"]));
    expect(await statuses()).toEqual(["succeeded", "failed", ...names.slice(2).map(() => "pending")]);
  });

  it("keep what their own notes said of their end", async () => {
    const [first] = await steps();
    const ended_at = "2026-01-02T03:04:05.678Z";
    await note(first!.name, { status: "succeeded", attempt: 1, ended_at });
    await world.store.actions.end(id, "succeeded", null);
    expect((await steps())[0]?.ended_at).toBe(ended_at);
  });

  it("never began in an action that was cancelled before its first", async () => {
    await world.store.actions.end(id, "cancelled", failureOf(null));
    expect(new Set(await statuses())).toEqual(new Set(["pending"]));
  });

  it("take no note after the end", async () => {
    await world.store.actions.end(id, "succeeded", null);
    const before = await steps();
    await note(before[0]!.name, { status: "running" });
    expect(await steps()).toEqual(before);
  });
});

describe("the end of a create", () => {
  const SERVER = "srv_made";
  const create = { resourceKind: "server", resourceId: SERVER, actionId: "act_of_it" } as const;
  const of = { ...create, accountId: ACCOUNT, region: "us-east-1", image: null };

  beforeEach(async () => {
    const { actionId, ...action } = of;
    await world.store.actions.insert({ ...action, id: actionId, type: "create", requestId: "req_a" });
    await query(
      world.databaseUrl,
      `INSERT INTO servers (id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, ssh_key_ids, action_id)
       VALUES ($1, $2, 'made', 'starter', 'us-east-1', 'debian-12', 1, 512, 10, 'provisioning', '{}', $3)`,
      [SERVER, ACCOUNT, create.actionId],
    );
    await query(world.databaseUrl, "DELETE FROM events");
  });

  async function now(): Promise<(string | undefined)[]> {
    const action = await world.store.actions.find(create.actionId, ACCOUNT);
    return [(await world.store.resources.server.state(SERVER))?.status, action?.status];
  }

  it("is that of its server and of the action, told in this order", async () => {
    expect(await world.store.actions.succeed(create, "active")).toBe(true);
    expect(await now()).toEqual(["active", "succeeded"]);
    const [server] = await query(world.databaseUrl, "SELECT power_state FROM servers");
    expect(server).toEqual({ power_state: "running" });
    const action = await world.store.actions.find(create.actionId, ACCOUNT);
    expect(new Set(action?.steps.map(({ status }) => status))).toEqual(new Set(["succeeded"]));
    const events = await query<{ type: string }>(world.databaseUrl, "SELECT type FROM events ORDER BY id");
    expect(events.map(({ type }) => type)).toEqual(["server.active", "action.succeeded"]);
  });

  it.each([
    ["has ended", "UPDATE actions SET status = 'failed', ended_at = now() WHERE id = 'act_of_it'"],
    ["is asked to cancel", "UPDATE actions SET cancel_requested_at = now() WHERE id = 'act_of_it'"],
    ["has lost its server to a delete", "UPDATE servers SET status = 'deleting', action_id = 'act_delete'"],
    ["finds its server in a status that does not lead there", "UPDATE servers SET status = 'active'"],
    ["finds its server gone", "UPDATE servers SET deleted_at = now()"],
  ])("is none of either where the action %s", async (_case, change) => {
    await query(world.databaseUrl, change);
    const before = await now();
    expect(await world.store.actions.succeed(create, "active")).toBe(false);
    expect(await now()).toEqual(before);
  });

  it("comes once, of two at the same time", async () => {
    const ends = [world.store.actions.succeed(create, "active"), world.store.actions.succeed(create, "active")];
    expect((await Promise.all(ends)).sort()).toEqual([false, true]);
  });
});
