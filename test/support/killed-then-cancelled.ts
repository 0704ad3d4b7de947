import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slate } from "./clean-slate.ts";
import { sampled } from "./fault-sample.ts";
import { MortalPool } from "./mortal-pool.ts";
import type { Subject } from "./subjects.ts";

/**
 * A create whose worker dies after a step, and that is cancelled before there is another worker. Steps on rows that follow one another are one workflow task, of which Temporal
 * knows nothing when it is lost: the create hears of its cancel before it has begun the step that was done.
 */
export function describeKilledThenCancelled(subject: Subject): void {
  const { kind, path, createSteps, localSteps } = subject;
  const isOnRows = (step: string) => step === createSteps[0] || localSteps.includes(step);
  const others = createSteps.slice(0, -1).filter((step) => !isOnRows(step));
  const cells = [...createSteps.filter(isOnRows), ...sampled(`killed then cancelled ${kind}`, others)];
  const pool = new MortalPool();
  beforeAll(() => pool.open(4), 300_000);
  afterAll(() => pool.close(), 60_000);

  describe(`a create of a ${kind} whose worker died, and that is cancelled`, { concurrent: true }, () => {
    it.each(cells)("after %s leaves nothing but its row", async (step) => {
      await pool.use(async ({ world, worker, accept }) => {
        const before = await slate(world);
        let id = "";
        const actionId = await worker.dieAfter(step, async () => {
          const { data } = (await accept[kind](`cancelled-after-${step.replaceAll("_", "-")}`)).body;
          id = data.id;
          return data.action_id;
        });
        expect((await world.api.call("POST", `/v1/actions/${actionId}/cancel`)).status).toBe(202);
        await worker.start();

        expect(await world.api.actionEnd(actionId)).toMatchObject({ status: "cancelled" });
        expect((await world.api.get(`${path}/${id}`)).body.data).toMatchObject({ status: "failed" });
        expect(await slate(world)).toEqual(before);
      });
    });
  });
}
