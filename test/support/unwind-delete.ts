import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, FAULT_CODE, failAfter, failBefore, runTwice } from "./activity-faults.ts";
import type { Answer } from "./api-client.ts";
import { slate } from "./clean-slate.ts";
import { sampled } from "./fault-sample.ts";
import { type Subject, workflowIdOf } from "./subjects.ts";
import { createWorld, type World } from "./world.ts";

/** Every step of a delete fails before its effect and after it, and another DELETE ends it; and every step runs twice. */
export function describeUnwindingDeletes(subject: Subject): void {
  const { kind, path, deleteSteps } = subject;
  let around: Parameters<typeof aroundActivities>[0] = () => undefined;
  let world: World;
  let accept: (name: string) => Promise<Answer>;

  beforeAll(async () => {
    world = await createWorld();
    await world.startWorker([aroundActivities((activity) => around(activity))]);
    accept = await subject.prepare(world);
  });
  afterAll(() => world.close());

  async function makeActive(name: string): Promise<string> {
    around = () => undefined;
    const { body } = await accept(name);
    expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
    return body.data.id;
  }

  async function deleteAndWait(id: string) {
    const answer = await world.api.call("DELETE", `${path}/${id}`);
    expect(answer.status).toBe(202);
    return world.api.actionEnd(answer.body.data.id);
  }

  const failures = deleteSteps.flatMap((step) => [
    { step, when: "before", fault: failBefore },
    { step, when: "after", fault: failAfter },
  ]);

  describe(`a delete of a ${kind} that fails at`, () => {
    it.each(sampled(`delete ${kind}`, failures))(
      "$step, $when its effect, tells why, and the next DELETE ends it with nothing left",
      async ({ step, when, fault }) => {
        const before = await slate(world);
        const id = await makeActive(`fails-${step.replaceAll("_", "-")}-${when}`);
        around = (activity) => (activity === activityOfStep(step) ? fault : undefined);
        const failed = await deleteAndWait(id);

        if (step === "mark_deleted" && fault === failAfter) {
          // The delete had ended when its answer was lost: nothing is left to do.
          expect(failed.status).toBe("succeeded");
        } else {
          expect(failed).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
          const resource = (await world.api.get(`${path}/${id}`)).body.data;
          expect(resource).toMatchObject({
            status: "deleting",
            error: { code: FAULT_CODE, step, action_id: failed.id },
          });
          around = () => undefined;
          expect((await deleteAndWait(id)).status).toBe("succeeded");
        }
        expect((await world.api.get(`${path}/${id}`)).status).toBe(404);
        await world.temporal.workflow
          .getHandle(workflowIdOf(subject, "delete", id))
          .result()
          .catch(() => undefined);
        expect(await slate(world)).toEqual(before);
      },
    );
  });

  describe(`a delete of a ${kind} whose step`, () => {
    it.each(sampled(`delete ${kind} twice`, deleteSteps))(
      "%s is delivered twice ends with nothing left",
      async (step) => {
        const before = await slate(world);
        const id = await makeActive(`twice-${step.replaceAll("_", "-")}`);
        around = (activity) => (activity === activityOfStep(step) ? runTwice : undefined);
        expect((await deleteAndWait(id)).status).toBe("succeeded");
        expect((await world.api.get(`${path}/${id}`)).status).toBe(404);
        expect(await slate(world)).toEqual(before);
      },
    );
  });
}
