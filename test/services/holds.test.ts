import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { regionActivities } from "../../activities/index.ts";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { HELD_MESSAGE, REGION_STEPS } from "../../src/domain/hold.ts";
import { STEP_NAMES } from "../../src/domain/workflow-contracts.ts";
import { aroundActivities } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { restoreDeadlines } from "../support/short-deadlines.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** Gates before steps, on the whole stack. Each test holds a part of its own, or releases what it held. */

let world: World;
let operator: Operator;
const held = new HeldActivity();
/** How often each activity was begun, past its gate. */
const begun = new Map<string, number>();

beforeAll(async () => {
  world = await createWorld();
  const counted = aroundActivities((activity) => (run) => {
    begun.set(activity, (begun.get(activity) ?? 0) + 1);
    return run();
  });
  await world.startWorker([counted, held.interceptor]);
  operator = await createOperator(world);
});
afterAll(() => world.close());

async function create(name: string, region = "us-east-1"): Promise<{ id: string; actionId: string }> {
  const { status, body } = await world.api.createServer(name, { region });
  expect(status, JSON.stringify(body)).toBe(201);
  return { id: body.data.id, actionId: body.data.action_id };
}

async function currentDetails(workflowId: string): Promise<string> {
  const handle = world.temporal.workflow.getHandle(workflowId);
  return JSON.stringify(await handle.query("__temporal_workflow_metadata"));
}

describe("a step that is held", () => {
  it("is waited for by a create that comes later, which everybody can see, and begins when it is released", async () => {
    const hold = await operator.hold({ step: "create_instance" }, "new storage");
    const { id, actionId } = await create("held-before");
    const seen = await operator.waitsFor(hold, actionId);
    expect(seen).toMatchObject({
      ...{ status: "running", step: "create_instance" },
      waits_for: { step: "create_instance", reason: "new storage" },
    });
    const details = await currentDetails(seen.workflow_id);
    expect(details).toContain(`held before create instance: new storage (${hold})`);

    // The holder sees that it waits, and not why.
    const shown = (await world.api.get(`/v1/actions/${actionId}`)).body;
    expect(JSON.stringify(shown)).not.toContain("new storage");
    const steps = shown.data.steps as unknown as { name: string; status: string; message: string | null }[];
    expect(steps.find(({ name }) => name === "create_instance")).toMatchObject({
      status: "pending",
      message: HELD_MESSAGE,
    });
    const listed = await operator.api.list("/v1/operator/holds");
    expect(listed.find((one) => one.id === hold)).toMatchObject({ status: "in_force", waiting: 1 });
    expect(begun.get("createInstance")).toBeUndefined();

    await operator.release(hold);
    const ended = await world.api.actionEnd(actionId);
    expect(ended.status).toBe("succeeded");
    expect(ended.steps.find(({ name }) => name === "create_instance")).toMatchObject({ attempt: 1, message: null });
    expect((await operator.api.get(`/v1/operator/holds/${hold}`)).body.data).toMatchObject({
      ...{ status: "released", waiting: 0 },
    });
    expect(await world.sql("SELECT 1 FROM gate_waits")).toEqual([]);
    expect((await world.api.get(`/v1/servers/${id}`)).body.data.status).toBe("active");
  });

  it("takes nothing of the action's time", async () => {
    // Long enough to come to the gate on a busy machine.
    world.config.deadlineSeconds.create = 5;
    const hold = await operator.hold({ region: "us-east-1" });
    const { actionId } = await create("held-for-long");
    await operator.waitsFor(hold, actionId);
    const faultOf = { method: "POST", path: "/1.0/instances", project: "cloudnexus-eu-west-2" };
    await world.simulator.addFault({ kind: "hold_before", match: faultOf, count: 0 });
    const later = await create("out-of-time", "eu-west-2");
    expect(await world.api.actionEnd(later.actionId)).toMatchObject({ error: { code: "deadline_exceeded" } });
    await world.simulator.clearFaults();
    restoreDeadlines(world);
    await operator.release(hold);
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
  });

  it("keeps a create that is in the middle of the step before it", async () => {
    held.hold("create_instance");
    const { actionId } = await create("held-between");
    await held.waitUntilHeld();
    const hold = await operator.hold({ step: "start_instance", resource_type: "server" });
    held.stopHolding();
    held.release();
    await operator.waitsFor(hold, actionId);
    await operator.release(hold);
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
  });

  it("is held for the next attempt of a step that fails, and has all of its time and attempts after the release", async () => {
    await world.simulator.addFault({
      kind: "error_before",
      match: { method: "POST", path: "/1.0/instances", project: "cloudnexus-eu-west-2" },
      count: 0,
      status: 503,
    });
    const { actionId } = await create("held-while-failing", "eu-west-2");
    await waitUntil("the step has failed once", async () =>
      (await operator.action(actionId)).steps.some(({ name, attempt }) => name === "create_instance" && attempt > 1),
    );
    await waitUntil("Temporal tells when it is tried again, and why it failed", async () => {
      const { pending } = (await operator.action(actionId)) as unknown as { pending: Record<string, unknown>[] };
      const [step] = pending.filter(({ next_attempt_at: next }) => next !== null);
      if (!step) return false;
      expect(step).toMatchObject({ activity: "create_instance", last_failure: { code: "infrastructure_unavailable" } });
      return true;
    });
    const hold = await operator.hold({ region: "eu-west-2" });
    await operator.waitsFor(hold, actionId);
    await world.simulator.clearFaults();
    await operator.release(hold);
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
  });

  it("is that of every region on a host that is held, and of no other", async () => {
    const hold = await operator.hold({ host: "host-of-eu-west-2" }, "a new disk");
    const [elsewhere, there] = [await create("other-host"), await create("held-host", "eu-west-2")];
    const { waits_for: waitsFor } = await operator.waitsFor(hold, there.actionId);
    expect(waitsFor).toMatchObject({ step: "resolve_image", reason: "a new disk" });
    expect((await world.api.actionEnd(elsewhere.actionId)).status).toBe("succeeded");
    expect((await operator.api.get(`/v1/operator/holds/${hold}`)).body.data).toMatchObject({
      ...{ host: "host-of-eu-west-2", region: null, waiting: 1 },
    });
    await operator.release(hold);
    expect((await world.api.actionEnd(there.actionId)).status).toBe("succeeded");
  });

  it("may be held once more: the second hold is waited for as well", async () => {
    const [first, second] = [
      await operator.hold({ step: "start_instance" }),
      await operator.hold({ region: "us-east-1", step: "start_instance" }),
    ];
    const { actionId } = await create("held-twice");
    await operator.waitsFor(second, actionId);
    await operator.release(second);
    await operator.waitsFor(first, actionId);
    await operator.release(first);
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
  });
});

describe("at a gate", () => {
  it("a cancel ends the wait at once, and nothing is left", async () => {
    const before = await slate(world);
    const hold = await operator.hold({ step: "start_instance" });
    const { id, actionId } = await create("cancelled-at-gate");
    await operator.waitsFor(hold, actionId);
    expect((await world.api.call("POST", `/v1/actions/${actionId}/cancel`)).status).toBe(202);
    const ended = await world.api.actionEnd(actionId);
    expect(ended.status).toBe("cancelled");
    expect(ended.steps.find(({ name }) => name === "start_instance")).toMatchObject({
      status: "failed",
      message: null,
    });
    // Its undos are those of an instance that was made: none of them is held.
    expect((await world.api.get(`/v1/servers/${id}`)).body.data).toMatchObject({
      ...{ status: "failed", error: { code: "cancelled", step: "start_instance" } },
    });
    const removed = await world.api.deleteServer(id);
    expect((await world.api.actionEnd(removed.body.data.id)).status).toBe("succeeded");
    expect(await slate(world)).toEqual(before);
    await operator.release(hold);
  });

  it("a DELETE ends the wait at once; it waits itself where its own steps are held, and is never refused", async () => {
    const before = await slate(world);
    const hold = await operator.hold({ region: "eu-west-2" }, "power works");
    const { id, actionId } = await create("deleted-at-gate", "eu-west-2");
    await operator.waitsFor(hold, actionId);
    const answer = await world.api.deleteServer(id);
    expect(answer.status).toBe(202);
    expect((await world.api.actionEnd(actionId)).status).toBe("cancelled");
    const waiting = await operator.waitsFor(hold, answer.body.data.id);
    expect(waiting.waits_for?.step).toBe("stop_instance");
    await operator.release(hold);
    expect((await world.api.actionEnd(answer.body.data.id)).status).toBe("succeeded");
    expect(await slate(world)).toEqual(before);
  });

  it("an operator cancels what waits, and the audit log has why", async () => {
    const hold = await operator.hold({ step: "create_instance" });
    const { actionId } = await create("cancelled-by-operator");
    await operator.waitsFor(hold, actionId);
    const path = `/v1/operator/actions/${actionId}/cancel`;
    expect((await operator.api.call("POST", path, { reason: "a plan was withdrawn" })).status).toBe(202);
    expect((await world.api.actionEnd(actionId)).status).toBe("cancelled");
    const { account_id: of } = await operator.action(actionId);
    expect(await operator.audited(actionId)).toMatchObject([
      {
        ...{ event: "action.cancel", account_id: of, reason: "a plan was withdrawn" },
        before: { cancel_requested: false },
        after: { cancel_requested: true },
      },
    ]);
    await operator.release(hold);
    await waitUntil("nobody waits any more", async () => (await world.sql("SELECT 1 FROM gate_waits")).length === 0);
  });
});

describe("what is not held", () => {
  it("goes on: other regions, other steps, other kinds, and what was released", async () => {
    const holds = [
      await operator.hold({ region: "eu-west-2" }),
      await operator.hold({ step: "resize_instance" }),
      await operator.hold({ step: "create_instance", resource_type: "database" }),
    ];
    const released = await operator.hold({ region: "us-east-1" });
    await operator.release(released);
    const { actionId } = await create("not-held");
    expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
    expect((await operator.action(actionId)).waits_for).toBeNull();
    for (const hold of holds) await operator.release(hold);
  });
});

describe("a hold", () => {
  it("names something that there is", async () => {
    const hold = (body: object) => operator.api.call("POST", "/v1/operator/holds", { reason: "a test", ...body });
    expect((await hold({})).body.error).toMatchObject({ code: "validation_failed" });
    expect((await hold({ region: "mars" })).body.error.details).toMatchObject([{ field: "region" }]);
    expect((await hold({ step: "mark_active" })).body.error.details).toMatchObject([{ field: "step" }]);
    expect((await hold({ host: "nowhere" })).body.error.details).toEqual([
      { field: "host", issue: "unknown host; one of: host-of-us-east-1, host-of-eu-west-2" },
    ]);
    expect((await operator.api.call("POST", "/v1/operator/holds", { region: "us-east-1" })).status).toBe(400);
  });

  it("and its release are in the audit log, once however often they are repeated", async () => {
    const headers = { "Idempotency-Key": "hold-once" };
    const body = { step: "drop_password", reason: "before" };
    const [first, again] = [
      await operator.api.call("POST", "/v1/operator/holds", body, headers),
      await operator.api.call("POST", "/v1/operator/holds", body, headers),
    ];
    const { id } = first.body.data;
    expect(again.body.data.id).toBe(id);
    for (const _ of [1, 2]) {
      const path = `/v1/operator/holds/${id}?reason=after`;
      expect((await operator.api.call("DELETE", path)).body.data).toMatchObject({ status: "released" });
    }
    const state = { region: null, host: null, step: "drop_password", resource_type: null, reason: "before" };
    expect(await operator.audited(id)).toMatchObject([
      { event: "hold.create", reason: "before", before: null, after: { ...state, in_force: true } },
      { event: "hold.release", reason: "after", before: { ...state, in_force: true }, after: { in_force: false } },
    ]);
    expect(await operator.api.list("/v1/operator/holds")).toEqual([]);
    expect((await operator.api.list("/v1/operator/holds?include_released=true")).map((one) => one.id)).toContain(id);
  });

  it("can be of each step that touches a region, and of no other", () => {
    const parts = {} as Parameters<typeof regionActivities>;
    const activities = Object.keys(regionActivities(...([parts[0], parts[1], {}] as unknown as typeof parts)));
    expect([...REGION_STEPS].sort()).toEqual(
      STEP_NAMES.filter((step) => activities.includes(activityOfStep(step))).sort(),
    );
  });
});
