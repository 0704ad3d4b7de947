import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CREATE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
import {
  activityOfStep,
  aroundActivities,
  FAULT_CODE,
  failAfter,
  failBefore,
  runTwice,
} from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { createWorld, type World } from "../support/world.ts";

/** The undos of a create, by their activities. */
const UNDOS = [
  "releaseIpAddress",
  "releaseCapacity",
  "detachSshKeys",
  "deleteInstance",
  "stopInstance",
  "unmarkActive",
];

/** What the next create of the world runs into. One worker serves all cases, so the fault is chosen per case. */
let around: Parameters<typeof aroundActivities>[0] = () => undefined;
let world: World;
let sshKeyId: string;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => around(activity))]);
  sshKeyId = await createSshKey(world.api);
});
afterAll(() => world.close());

async function create(name: string) {
  const answer = await world.api.createServer(name, { ssh_keys: [sshKeyId] });
  const { id, action_id: actionId } = answer.body.data;
  // The workflow's own end: an answer that is lost after mark_active shows as a success until it is undone.
  await world.temporal.workflow
    .getHandle(`create-server/${id}/1`)
    .result()
    .catch(() => undefined);
  return { answer, action: await world.api.actionEnd(actionId) };
}

describe.each(CREATE_SERVER_STEPS)("a create that fails at %s", (step) => {
  it.each([
    ["before the effect", failBefore, undefined],
    ["after the effect", failAfter, undefined],
    ["after the effect and runs each undo twice", failAfter, runTwice],
  ])("%s leaves nothing behind", async (when, fault, undo) => {
    const before = await slate(world);
    around = (activity) => (activity === activityOfStep(step) ? fault : UNDOS.includes(activity) ? undo : undefined);
    const { answer, action } = await create(`fails-${step.replaceAll("_", "-")}-${when.length}`);

    const server = (await world.api.get(`/v1/servers/${answer.body.data.id}`)).body.data;
    expect(server).toMatchObject({ status: "failed", ipv4: null, error: { code: FAULT_CODE, step } });
    expect(action).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
    expect(await slate(world)).toEqual(before);
  });
});

describe("a create whose steps", () => {
  it.each(CREATE_SERVER_STEPS)("%s is delivered twice makes one server", async (step) => {
    const before = await slate(world);
    around = (activity) => (activity === activityOfStep(step) ? runTwice : undefined);
    const { answer, action } = await create(`twice-${step.replaceAll("_", "-")}`);
    expect(action.status).toBe("succeeded");
    const after = await slate(world);
    expect(after.instances).toHaveLength(before.instances.length + 1);
    expect(after.addresses).toHaveLength(before.addresses.length + 1);

    around = () => undefined;
    const deletion = await world.api.deleteServer(answer.body.data.id);
    await world.api.actionEnd(deletion.body.data.id);
    expect(await slate(world)).toEqual(before);
  });
});
