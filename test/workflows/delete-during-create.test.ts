import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CREATE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
import { activityOfStep, aroundActivities } from "../support/activity-faults.ts";
import { slate } from "../support/clean-slate.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let sshKeyId: string;
let heldActivity = "";
let release: () => void = () => undefined;
let isHeld = false;

beforeAll(async () => {
  world = await createWorld();
  // Holds the named activity after its effect, until it is released or cancelled.
  const hold = aroundActivities((activity) =>
    activity === heldActivity
      ? async (run, context) => {
          const result = await run();
          const heartbeat = setInterval(() => context.heartbeat(), 200);
          isHeld = true;
          await Promise.race([new Promise<void>((resolve) => (release = resolve)), context.cancelled]).finally(() =>
            clearInterval(heartbeat),
          );
          return result;
        }
      : undefined,
  );
  await world.startWorker([hold]);
  sshKeyId = await createSshKey(world.api);
});
afterEach(() => {
  release();
  heldActivity = "";
  isHeld = false;
});
afterAll(() => world.close());

describe("a DELETE while the create is", () => {
  it.each(CREATE_SERVER_STEPS.slice(1, -1))("in %s cancels it and leaves nothing behind", async (step) => {
    const before = await slate(world);
    heldActivity = activityOfStep(step);
    const created = await world.api.createServer(`held-${step.replaceAll("_", "-")}`, { ssh_keys: [sshKeyId] });
    await waitUntil(`${step} is held`, () => isHeld);

    const deletion = await world.api.deleteServer(created.body.data.id);
    expect(deletion.status).toBe(202);
    expect((await world.api.get(`/v1/servers/${created.body.data.id}`)).body.data.status).toBe("deleting");
    // Local activities are cancelled by their workflow's next task; the held one has to end for that.
    if (["reserve_capacity", "attach_ssh_keys"].includes(step)) release();
    heldActivity = "";

    expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
    expect((await world.api.actionEnd(created.body.data.action_id)).status).toBe("cancelled");
    expect((await world.api.get(`/v1/servers/${created.body.data.id}`)).status).toBe(404);
    expect(await slate(world)).toEqual(before);
  });
});
