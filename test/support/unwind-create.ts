import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, FAULT_CODE, failureCells, runTwice } from "./activity-faults.ts";
import type { Answer } from "./api-client.ts";
import { slate } from "./clean-slate.ts";
import { actionOfEndedWorkflow } from "./ended-workflow.ts";
import { sampled } from "./fault-sample.ts";
import { type Subject, workflowIdOf } from "./subjects.ts";
import { createWorld, type World } from "./world.ts";

/** Every step of a create fails before its effect, after it, and with each undo run twice; and every step runs twice. */
export function describeUnwindingCreates(subject: Subject): void {
  const { kind, path, createSteps, undos } = subject;
  /** What the next create of the world runs into. One worker serves all cases, so the fault is chosen per case. */
  let around: Parameters<typeof aroundActivities>[0] = () => undefined;
  let world: World;
  let accept: (name: string) => Promise<Answer>;

  beforeAll(async () => {
    world = await createWorld();
    await world.startWorker([aroundActivities((activity) => around(activity))]);
    accept = await subject.prepare(world);
  });
  afterAll(() => world.close());

  async function create(name: string) {
    const answer = await accept(name);
    const { id, action_id: actionId } = answer.body.data;
    return { answer, action: await actionOfEndedWorkflow(world, workflowIdOf(subject, "create", id), actionId) };
  }

  describe(`a create of a ${kind} that fails at`, () => {
    it.each(sampled(`create ${kind}`, failureCells(createSteps)))(
      "$step, $when, leaves nothing behind",
      async (cell) => {
        const { step, when, fault, undo } = cell;
        const before = await slate(world);
        around = (activity) =>
          activity === activityOfStep(step) ? fault : undos.includes(activity) ? undo : undefined;
        const { answer, action } = await create(`fails-${step.replaceAll("_", "-")}-${when.length}`);

        const resource = (await world.api.get(`${path}/${answer.body.data.id}`)).body.data;
        expect(resource).toMatchObject({
          ...subject.withoutAddress,
          status: "failed",
          error: { code: FAULT_CODE, step },
        });
        expect(action).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
        expect(await slate(world)).toEqual(before);
      },
    );
  });

  describe(`a create of a ${kind} whose step`, () => {
    it.each(sampled(`create ${kind} twice`, createSteps))(`%s is delivered twice makes one ${kind}`, async (step) => {
      const before = await slate(world);
      around = (activity) => (activity === activityOfStep(step) ? runTwice : undefined);
      const { answer, action } = await create(`twice-${step.replaceAll("_", "-")}`);
      expect(action.status).toBe("succeeded");
      const after = await slate(world);
      expect(after.instances).toHaveLength(before.instances.length + 1);
      expect(after.addresses).toHaveLength(before.addresses.length + 1);

      around = () => undefined;
      const deletion = await world.api.call("DELETE", `${path}/${answer.body.data.id}`);
      await world.api.actionEnd(deletion.body.data.id);
      expect(await slate(world)).toEqual(before);
    });
  });
}
