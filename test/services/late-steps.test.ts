import type { Context } from "@temporalio/activity";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, failBefore } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { logsIn, makeDatabase } from "../support/database-actions.ts";
import { actionOfEndedWorkflow } from "../support/ended-workflow.ts";
import { sampled } from "../support/fault-sample.ts";
import { createOperator } from "../support/operator.ts";
import { makeServer } from "../support/server-actions.ts";
import { DATABASE, SERVER, workflowIdOf } from "../support/subjects.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * An attempt of a step that stands still before it changes anything, as in a process that was stopped. It is given up, the next one fails for good, and everything is undone. When it
 * goes on at last, what it has in hand must not be made. On infrastructure it has looked by then (`looksAt`); on rows, where a step is one statement or transaction, it has not begun.
 * (The rules of databases have one change at a time in a worker: there the undo waits for the attempt.)
 */
const ON_INFRASTRUCTURE = [
  { subject: SERVER, step: "create_instance", looksAt: "/1.0/instances/*" },
  { subject: SERVER, step: "start_instance", looksAt: "/1.0/instances/*" },
  { subject: DATABASE, step: "create_volume", looksAt: "/1.0/storage-pools/*/volumes/custom/*" },
  { subject: DATABASE, step: "create_instance", looksAt: "/1.0/instances/*" },
  { subject: DATABASE, step: "configure_instance", looksAt: "/1.0/instances/*" },
];
const ON_ROWS = [SERVER, DATABASE].flatMap((subject) => {
  const steps = [subject.createSteps[0] ?? "", ...subject.localSteps];
  return steps.map((step) => ({ subject, step, looksAt: null }));
});

interface Plan {
  activity: string;
  looksAt: string | null;
  letGo: () => Promise<void> | void;
  hasEnded: boolean;
}

let world: World;
/** Where an attempt stands still; the following ones of the step fail. */
let late: Plan | null = null;

const stopped = aroundActivities((activity) => {
  const plan = late;
  if (plan?.activity !== activity) return undefined;
  return async (run, context) => {
    if (context.info.attempt > 1) return failBefore(run, context);
    silence(context);
    if (plan.looksAt === null) await new Promise<void>((resolve) => (plan.letGo = resolve));
    else plan.letGo = await holdAfterLook(plan.looksAt);
    return run().finally(() => (plan.hasEnded = true));
  };
});

async function holdAfterLook(path: string): Promise<() => Promise<void>> {
  const hold = await world.simulator.addFault({ kind: "hold_after", count: 1, match: { method: "GET", path } });
  return () => world.simulator.release(hold);
}

/** Nobody hears of it any more, and nobody can tell it that it was given up. */
function silence(context: Context): void {
  // Those of its first moments are held back, and sent by way of this property.
  Object.defineProperty(context, "heartbeat", { get: () => () => undefined, set: () => undefined });
  Object.defineProperty(context, "cancellationSignal", { value: new AbortController().signal });
}

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([stopped]);
});
afterEach(async () => {
  late = null;
  await world.simulator.clearFaults();
});
afterAll(() => world.close());

describe("an attempt that goes on after its create has failed", () => {
  const cells = [...sampled("late steps", ON_INFRASTRUCTURE), ...sampled("late steps on rows", ON_ROWS)];
  it.each(cells.map((cell) => ({ ...cell, kind: cell.subject.kind })))(
    "in $step of a $kind makes nothing",
    async ({ subject, step, looksAt, kind }) => {
      const create = await subject.prepare(world);
      const before = await slate(world);
      const plan = standStill(step, looksAt);
      const { id, action_id: actionId } = (await create(`late-${kind}-${step.replaceAll("_", "-")}`)).body.data;
      const end = await actionOfEndedWorkflow(world, workflowIdOf(subject, "create", id), actionId);
      expect(end).toMatchObject({ status: "failed", error: { step } });
      expect(await slate(world)).toEqual(before);
      await goOn(plan);
      expect(await slate(world)).toEqual(before);
    },
  );
});

describe("an attempt that goes on after its action has failed", () => {
  it.each([
    {
      subject: SERVER,
      make: (name: string) => makeServer(world, name),
      type: "resize",
      change: { plan: "pro" },
      step: "claim_capacity",
    },
    {
      subject: DATABASE,
      make: (name: string) => makeDatabase(world, name, false),
      type: "rotate_credentials",
      change: {},
      step: "generate_password",
    },
  ])("in $step changes nothing", async ({ subject, make, type, change, step }) => {
    await subject.prepare(world);
    const id = await make(`late-${type.replaceAll("_", "-")}`);
    const before = await slate(world);
    const plan = standStill(step, null);
    const action = (await world.api.call("POST", `${subject.path}/${id}/actions`, { type, ...change })).body.data;
    const end = await actionOfEndedWorkflow(world, workflowIdOf(subject, type, id), action.id);
    expect(end).toMatchObject({ status: "failed", error: { step } });
    await goOn(plan);
    expect(await slate(world)).toEqual(before);
  });
});

it("an attempt in store_password that goes on in the next rotation does not show its password before it is proven", async () => {
  const operator = await createOperator(world);
  await DATABASE.prepare(world);
  const id = await makeDatabase(world, "late-rotation", false);
  const plan = standStill("store_password", null);
  const failed = (await world.api.actOnDatabase(id, "rotate_credentials")).body.data;
  expect(await actionOfEndedWorkflow(world, workflowIdOf(DATABASE, "rotate_credentials", id), failed.id)).toMatchObject(
    {
      status: "failed",
      error: { step: "store_password" },
    },
  );
  late = null;

  const shown = await world.api.credentials(id);
  const hold = await operator.hold({ step: "verify_password" });
  const next = (await world.api.actOnDatabase(id, "rotate_credentials")).body.data;
  await operator.waitsFor(hold, next.id);
  await goOn(plan);
  expect(await world.api.credentials(id)).toEqual(shown);
  await operator.release(hold);
  expect((await world.api.actionEnd(next.id)).status).toBe("succeeded");
  const proven = await world.api.credentials(id);
  expect(proven).not.toEqual(shown);
  expect([await logsIn(world, shown), await logsIn(world, proven)]).toEqual([false, true]);
});

function standStill(step: string, looksAt: string | null): Plan {
  late = { activity: activityOfStep(step), looksAt, letGo: () => undefined, hasEnded: false };
  return late;
}

async function goOn(plan: Plan): Promise<void> {
  expect(plan.hasEnded).toBe(false);
  await plan.letGo();
  await waitUntil("the late attempt has ended", () => plan.hasEnded);
}
