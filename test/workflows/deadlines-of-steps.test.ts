import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ActionType } from "../../src/domain/workflow-contracts.ts";
import { slate } from "../support/clean-slate.ts";
import { DATABASE_ACTIONS, makeDatabase, stateOf } from "../support/database-actions.ts";
import { sampled } from "../support/fault-sample.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { beginOnServer, makeServer, nameOfAction, SERVER_ACTIONS, serverStateOf } from "../support/server-actions.ts";
import { leftoversOf, restoreDeadlines, shortenDeadlines } from "../support/short-deadlines.ts";
import { DATABASE, SERVER, type Subject } from "../support/subjects.ts";
import { createWorld, type World } from "../support/world.ts";

/** Every step of every workflow but the last, whose answer ends the action, hangs after its effect until the deadline. On a busy machine the deadline may come before. */
const held = new HeldActivity();
let world: World;

beforeAll(async () => {
  world = await createWorld({ addresses: 240 });
  await world.startWorker([held.interceptor]);
  await world.enginesOffered();
});
afterEach(() => {
  restoreDeadlines(world);
  held.release();
  held.stopHolding();
});
afterAll(() => world.close());

const FAILED = { status: "failed", error: { code: "deadline_exceeded" } };

function hang(type: string, step: string): void {
  shortenDeadlines(world, type as ActionType);
  held.hold(step);
}

async function endOf(actionId: string) {
  const action = await world.api.actionEnd(actionId);
  held.stopHolding();
  restoreDeadlines(world);
  return action;
}

describe.each([SERVER, DATABASE])("of a $kind", (subject: Subject) => {
  const { kind, path, createSteps, deleteSteps } = subject;

  it.each(sampled(`deadline create ${kind}`, createSteps.slice(0, -1)))(
    "a create that hangs in %s fails and leaves nothing behind",
    async (step) => {
      const accept = await subject.prepare(world);
      const before = await slate(world);
      hang("create", step);
      const { body } = await accept(`hangs-in-${step.replaceAll("_", "-")}`);
      expect(await endOf(body.data.action_id)).toMatchObject(FAILED);
      expect(await leftoversOf(world, body.data.action_id)).toEqual([]);
      expect(await slate(world)).toEqual(before);
    },
  );

  it.each(sampled(`deadline delete ${kind}`, deleteSteps.slice(0, -1)))(
    "a delete that hangs in %s fails, and the next one ends it",
    async (step) => {
      const accept = await subject.prepare(world);
      const before = await slate(world);
      const { id, action_id: created } = (await accept(`deleted-in-${step.replaceAll("_", "-")}`)).body.data;
      expect((await world.api.actionEnd(created)).status).toBe("succeeded");
      hang("delete", step);
      const deletion = (await world.api.call("DELETE", `${path}/${id}`)).body.data;
      expect(await endOf(deletion.id)).toMatchObject(FAILED);
      const left = await leftoversOf(world, deletion.id);
      expect(left).toEqual(deleteSteps.slice(-left.length));

      const next = (await world.api.call("DELETE", `${path}/${id}`)).body.data;
      expect((await world.api.actionEnd(next.id)).status).toBe("succeeded");
      expect(await slate(world)).toEqual(before);
    },
  );
});

const SERVER_CASES = SERVER_ACTIONS.flatMap((action) =>
  action.steps.slice(0, -1).map((step) => ({ name: nameOfAction(action), step, action })),
);

it.each(sampled("deadline server action", SERVER_CASES))(
  "$name of a server that hangs in $step leaves it as it was",
  async ({ name, step, action }) => {
    const id = await makeServer(world, `${name}-${step}`.replaceAll("_", "-"), action.of);
    const before = await serverStateOf(world, id);
    hang(action.type, step);
    const actionId = await beginOnServer(world, id, action);
    expect(await endOf(actionId)).toMatchObject(FAILED);
    expect(await leftoversOf(world, actionId)).toEqual([]);
    expect(await serverStateOf(world, id)).toEqual(before);
  },
);

const DATABASE_CASES = DATABASE_ACTIONS.flatMap((action) =>
  action.steps.slice(0, -1).map((step) => ({ type: action.type, step, action })),
);

it.each(sampled("deadline database action", DATABASE_CASES))(
  "$type of a database that hangs in $step leaves it as it was",
  async ({ type, step, action }) => {
    const id = await makeDatabase(world, `${type}-${step}`.replaceAll("_", "-"), action.ofSuspended);
    const before = await stateOf(world, id);
    hang(type, step);
    const actionId = await action.begin(world, id);
    expect(await endOf(actionId)).toMatchObject(FAILED);
    expect(await leftoversOf(world, actionId)).toEqual([]);
    expect(await stateOf(world, id)).toEqual(before);
  },
);
