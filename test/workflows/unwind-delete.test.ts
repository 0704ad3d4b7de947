import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DELETE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
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

let around: Parameters<typeof aroundActivities>[0] = () => undefined;
let world: World;
let sshKeyId: string;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => around(activity))]);
  sshKeyId = await createSshKey(world.api);
});
afterAll(() => world.close());

async function activeServer(name: string): Promise<string> {
  around = () => undefined;
  const { body } = await world.api.createServer(name, { ssh_keys: [sshKeyId] });
  expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
  return body.data.id;
}

async function deleteAndWait(serverId: string) {
  const answer = await world.api.deleteServer(serverId);
  expect(answer.status).toBe(202);
  return world.api.actionEnd(answer.body.data.id);
}

describe.each(DELETE_SERVER_STEPS)("a delete that fails at %s", (step) => {
  it.each([
    ["before", failBefore],
    ["after", failAfter],
  ])("%s its effect tells why, and the next DELETE ends it with nothing left", async (when, fault) => {
    const before = await slate(world);
    const serverId = await activeServer(`fails-${step.replaceAll("_", "-")}-${when}`);
    around = (activity) => (activity === activityOfStep(step) ? fault : undefined);
    const failed = await deleteAndWait(serverId);

    if (step === "mark_deleted" && fault === failAfter) {
      // The delete had ended when its answer was lost: nothing is left to do.
      expect(failed.status).toBe("succeeded");
    } else {
      expect(failed).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
      const server = (await world.api.get(`/v1/servers/${serverId}`)).body.data;
      expect(server).toMatchObject({ status: "deleting", error: { code: FAULT_CODE, step, action_id: failed.id } });
      around = () => undefined;
      expect((await deleteAndWait(serverId)).status).toBe("succeeded");
    }
    expect((await world.api.get(`/v1/servers/${serverId}`)).status).toBe(404);
    await world.temporal.workflow
      .getHandle(`delete-server/${serverId}/1`)
      .result()
      .catch(() => undefined);
    expect(await slate(world)).toEqual(before);
  });
});

describe("a delete whose step", () => {
  it.each(DELETE_SERVER_STEPS)("%s is delivered twice ends with nothing left", async (step) => {
    const before = await slate(world);
    const serverId = await activeServer(`twice-${step.replaceAll("_", "-")}`);
    around = (activity) => (activity === activityOfStep(step) ? runTwice : undefined);
    expect((await deleteAndWait(serverId)).status).toBe("succeeded");
    expect((await world.api.get(`/v1/servers/${serverId}`)).status).toBe(404);
    expect(await slate(world)).toEqual(before);
  });
});
