import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities } from "./activity-faults.ts";
import type { Answer } from "./api-client.ts";
import { slate } from "./clean-slate.ts";
import { sampled } from "./fault-sample.ts";
import { HeldActivity } from "./held-activity.ts";
import type { Subject } from "./subjects.ts";
import { createWorld, type World } from "./world.ts";

/** A create that is cancelled by hand, in every step of it. */
export function describeCancelledCreates(subject: Subject): void {
  const { kind, path, createSteps, localSteps } = subject;
  const held = new HeldActivity();
  let around: Parameters<typeof aroundActivities>[0] = () => undefined;
  let world: World;
  let accept: (name: string) => Promise<Answer>;

  beforeAll(async () => {
    world = await createWorld();
    await world.startWorker([held.interceptor, aroundActivities((activity) => around(activity))]);
    accept = await subject.prepare(world);
  });
  afterEach(() => {
    held.release();
    held.stopHolding();
    around = () => undefined;
  });
  afterAll(() => world.close());

  const cancel = (actionId: string) => world.api.call("POST", `/v1/actions/${actionId}/cancel`);

  async function expectCancelled(id: string, actionId: string): Promise<void> {
    expect(await world.api.actionEnd(actionId)).toMatchObject({ status: "cancelled", error: { code: "cancelled" } });
    expect((await world.api.get(`${path}/${id}`)).body.data).toMatchObject({
      ...subject.withoutAddress,
      status: "failed",
      error: { code: "cancelled", action_id: actionId, retryable: true },
    });
  }

  describe(`a create of a ${kind} that is cancelled`, () => {
    it.each(sampled(`cancelled ${kind}`, createSteps.slice(1, -1)))(
      "in %s ends so, and leaves nothing but its row",
      async (step) => {
        const before = await slate(world);
        held.hold(step);
        const { id, action_id: actionId } = (await accept(`cancelled-${step.replaceAll("_", "-")}`)).body.data;
        await held.waitUntilHeld();

        const answer = await cancel(actionId);
        expect(answer).toMatchObject({ status: 202, body: { data: { id: actionId, status: "running" } } });
        expect(answer.headers.get("location")).toBe(`/v1/actions/${actionId}`);
        if (localSteps.includes(step)) held.release();
        held.stopHolding();

        await expectCancelled(id, actionId);
        expect(await slate(world)).toEqual(before);
      },
    );

    it("just before its end can't succeed any more", async () => {
      const before = await slate(world);
      around = (activity) =>
        activity === activityOfStep("mark_active")
          ? async (run, context) => {
              // One at a time: the cancel of the workflow, which follows the answer, may find the activity gone.
              if (context.info.attempt === 1) await cancel(created.action_id);
              return run();
            }
          : undefined;
      held.hold(createSteps.at(-2) ?? "");
      const created = (await accept("cancelled-at-the-end")).body.data;
      await held.waitUntilHeld();
      held.release();
      held.stopHolding();
      await expectCancelled(created.id, created.action_id);
      expect(await slate(world)).toEqual(before);
    });

    it("can be retried, and deleted", async () => {
      const before = await slate(world);
      held.hold("create_instance");
      const { id, action_id: actionId } = (await accept("cancelled-retried")).body.data;
      await held.waitUntilHeld();
      await cancel(actionId);
      held.stopHolding();
      await expectCancelled(id, actionId);
      expect((await cancel(actionId)).body.data).toMatchObject({ id: actionId, status: "cancelled" });

      const retry = (await world.api.call("POST", `${path}/${id}/actions`, { type: "retry" })).body.data;
      expect((await world.api.actionEnd(retry.id)).status).toBe("succeeded");
      expect((await world.api.get(`${path}/${id}`)).body.data).toMatchObject({ status: "active", error: null });
      const late = await cancel(retry.id);
      expect(late).toMatchObject({ status: 409, body: { error: { code: "not_cancellable" } } });

      const deletion = (await world.api.call("DELETE", `${path}/${id}`)).body.data;
      expect((await cancel(deletion.id)).body.error.code).toBe("not_cancellable");
      expect((await world.api.actionEnd(deletion.id)).status).toBe("succeeded");
      expect(await slate(world)).toEqual(before);
    });
  });
}
