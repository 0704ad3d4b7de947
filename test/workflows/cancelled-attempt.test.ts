import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, FAULT_CODE, faultOfTest } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { restoreDeadlines, shortenDeadlines } from "../support/short-deadlines.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** An attempt may fail at the moment when its step is cancelled, and end with its own failure instead of the cancellation. */

const STEP = "create_instance";

let world: World;
let attempts = 0;
let isForGood = false;

/** Fails as soon as it hears of its cancellation. */
const failing = aroundActivities((activity) =>
  activity === activityOfStep(STEP)
    ? async (_run, context) => {
        attempts++;
        const heartbeat = setInterval(() => context.heartbeat(), 100);
        await context.cancelled.catch(() => clearInterval(heartbeat));
        throw faultOfTest(isForGood);
      }
    : undefined,
);

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([failing]);
});
afterEach(() => restoreDeadlines(world));
afterAll(() => world.close());

describe.each([
  {
    failure: "that would have been tried again",
    forGood: false,
    ofDeadline: "deadline_exceeded",
    ofCancel: "cancelled",
  },
  { failure: "that nothing mends", forGood: true, ofDeadline: FAULT_CODE, ofCancel: FAULT_CODE },
])("a step that meets a failure $failure when it is cancelled", ({ forGood, ofDeadline, ofCancel }) => {
  it(`by the deadline: the action fails with ${ofDeadline}`, async () => {
    const before = await slate(world);
    isForGood = forGood;
    shortenDeadlines(world, "create");
    const { body } = await world.api.createServer(`deadline-${forGood}`);
    const { status, error } = await world.api.actionEnd(body.data.action_id);
    expect({ status, error }).toMatchObject({ status: "failed", error: { code: ofDeadline, step: STEP } });
    expect(await slate(world)).toEqual(before);
  });

  it(`by a customer: the action ends with ${ofCancel}`, async () => {
    const before = await slate(world);
    isForGood = forGood;
    attempts = 0;
    const { body } = await world.api.createServer(`cancel-${forGood}`);
    await waitUntil("the step is under way", () => attempts > 0);
    await world.api.call("POST", `/v1/actions/${body.data.action_id}/cancel`);
    const { status, error } = await world.api.actionEnd(body.data.action_id);
    expect({ status, error }).toMatchObject({
      status: forGood ? "failed" : "cancelled",
      error: { code: ofCancel, step: STEP },
    });
    expect(await slate(world)).toEqual(before);
  });
});
