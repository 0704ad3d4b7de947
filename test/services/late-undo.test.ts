import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { type Slate, slate } from "../support/clean-slate.ts";
import { sampled } from "../support/fault-sample.ts";
import { LateAttempts } from "../support/late-attempts.ts";
import { DATABASE, SERVER, type Subject } from "../support/subjects.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * An attempt of an undo can outlive its workflow: it was given up, another attempt did its work, the create has failed and was accepted again for the same
 * server or database. When it goes on at last, it must not take from the new create what that has been given.
 */

const TIMEOUTS = { concurrent: true, timeout: 600_000 };
/** An attempt is given up after 10 s, and the machine runs other tests. */
const PATIENCE_MS = 250_000;

/** The last step before the end: everything has been done that an undo could take back. */
function lastEffect({ createSteps }: Subject): string {
  return createSteps.at(-2) ?? "";
}

function describeLateUndos(subject: Subject): void {
  const { kind, path, undos, leaves } = subject;
  const late = new LateAttempts();
  let world: World;
  let accept: Awaited<ReturnType<Subject["prepare"]>>;
  beforeAll(async () => {
    world = await createWorld();
    await world.startWorker([late.interceptor([activityOfStep(lastEffect(subject))])]);
    accept = await subject.prepare(world);
  });
  afterAll(() => world.close());

  /** Of one resource, by what names it. */
  async function held(id: string, address: string): Promise<Record<string, number>> {
    const all = await slate(world);
    const names = [id, `cn-${id.split("_")[1]}`, address];
    const isOf = (thing: unknown) => names.some((name) => JSON.stringify(thing).includes(`"${name}`));
    return Object.fromEntries(
      (Object.keys(leaves) as (keyof Slate)[]).map((what) => [what, all[what].filter(isOf).length]),
    );
  }

  describe(`a late attempt of an undo of a ${kind}'s failed create`, TIMEOUTS, () => {
    // The end of an action is never taken back here: the create has failed before it.
    const cells = undos.filter((undo) => undo !== "unmarkActive");
    it.each(sampled(`late undo of a ${kind}`, cells))("%s takes nothing from the retry", async (undo) => {
      const created = (await accept(`late-${undo.toLowerCase()}`)).body.data;
      late.plan(created.id, undo);
      expect((await world.api.actionEnd(created.action_id, PATIENCE_MS)).status).toBe("failed");

      const retry = await world.api.call("POST", `${path}/${created.id}/actions`, { type: "retry" });
      expect((await world.api.actionEnd(retry.body.data.id, PATIENCE_MS)).status).toBe("succeeded");
      const before = (await world.api.get(`${path}/${created.id}`)).body.data;
      const address = kind === "server" ? before.ipv4 : (before.endpoint?.host ?? "");
      const heldBefore = await held(created.id, address);
      expect(heldBefore).toEqual(leaves);

      await late.letGo(created.id);
      expect(await held(created.id, address)).toEqual(heldBefore);
      const after = (await world.api.get(`${path}/${created.id}`)).body.data;
      expect(after).toEqual(before);
      const { instances } = await world.simulator.snapshot();
      expect(JSON.stringify(instances.filter((instance) => JSON.stringify(instance).includes(created.id)))).toMatch(
        /running/i,
      );
    });
  });
}

describeLateUndos(SERVER);
describeLateUndos(DATABASE);
