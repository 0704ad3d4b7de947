import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "./api-client.ts";
import { slate } from "./clean-slate.ts";
import { sampled } from "./fault-sample.ts";
import { HeldActivity } from "./held-activity.ts";
import type { Subject } from "./subjects.ts";
import { createWorld, type World } from "./world.ts";

export function describeDeletesDuringCreates(subject: Subject): void {
  const { kind, path, createSteps, localSteps } = subject;
  const held = new HeldActivity();
  let world: World;
  let accept: (name: string) => Promise<Answer>;

  describe(`a DELETE of a ${kind} while the create is`, () => {
    beforeAll(async () => {
      world = await createWorld();
      await world.startWorker([held.interceptor]);
      accept = await subject.prepare(world);
    });
    afterEach(() => {
      held.release();
      held.stopHolding();
    });
    afterAll(() => world.close());

    it.each(sampled(`deleted ${kind}`, createSteps.slice(1, -1)))(
      "in %s cancels it and leaves nothing behind",
      async (step) => {
        const before = await slate(world);
        held.hold(step);
        const created = await accept(`held-${step.replaceAll("_", "-")}`);
        await held.waitUntilHeld();

        const deletion = await world.api.call("DELETE", `${path}/${created.body.data.id}`);
        expect(deletion.status).toBe(202);
        expect((await world.api.get(`${path}/${created.body.data.id}`)).body.data.status).toBe("deleting");
        if (localSteps.includes(step)) held.release();
        held.stopHolding();

        expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
        expect((await world.api.actionEnd(created.body.data.action_id)).status).toBe("cancelled");
        expect((await world.api.get(`${path}/${created.body.data.id}`)).status).toBe(404);
        expect(await slate(world)).toEqual(before);
      },
    );
  });
}
