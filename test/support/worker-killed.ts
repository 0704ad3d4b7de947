import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Slate, slate } from "./clean-slate.ts";
import { sampled } from "./fault-sample.ts";
import { killCells } from "./kill-matrix.ts";
import { MortalPool } from "./mortal-pool.ts";
import type { Subject } from "./subjects.ts";

const TIMEOUTS = { concurrent: true, timeout: 300_000 };

function openPool(): MortalPool {
  const pool = new MortalPool();
  beforeAll(() => pool.open(4), 300_000);
  afterAll(() => pool.close(), 60_000);
  return pool;
}

/** The worker dies before, after and between the steps of a create: still there is one resource, whole. */
export function describeKilledCreates(subject: Subject): void {
  const { kind, path, createSteps, leaves } = subject;
  const pool = openPool();

  describe(`a create of a ${kind} whose worker is killed`, TIMEOUTS, () => {
    it.each(sampled(`create ${kind} killed`, killCells(createSteps)))(
      `$moment of $step still makes one ${kind}`,
      async (cell) => {
        await pool.use(async ({ world, worker, accept }) => {
          const before = await slate(world);
          let id = "";
          const action = await worker.survive(cell, createSteps, async () => {
            const { body } = await accept[kind](nameOf(cell));
            id = body.data.id;
            return body.data.action_id;
          });

          expect(action.status).toBe("succeeded");
          const resource = (await world.api.get(`${path}/${id}`)).body.data;
          expect(resource.status).toBe("active");
          const after = await slate(world);
          const address = kind === "server" ? resource.ipv4 : resource.endpoint?.host;
          expect(after.addresses).toContainEqual(expect.objectContaining({ resource_id: id, address }));
          for (const [what, count] of Object.entries(leaves) as [keyof Slate, number][]) {
            expect(after[what], what).toHaveLength(before[what].length + count);
          }
        });
      },
    );
  });
}

/** The same of a delete: still there is nothing left. */
export function describeKilledDeletes(subject: Subject): void {
  const { kind, path, deleteSteps } = subject;
  const pool = openPool();

  describe(`a delete of a ${kind} whose worker is killed`, TIMEOUTS, () => {
    it.each(sampled(`delete ${kind} killed`, killCells(deleteSteps)))(
      "$moment of $step still leaves nothing behind",
      async (cell) => {
        await pool.use(async ({ world, worker, accept }) => {
          const before = await slate(world);
          const created = (await accept[kind](nameOf(cell))).body.data;
          expect((await world.api.actionEnd(created.action_id)).status).toBe("succeeded");

          const action = await worker.survive(cell, deleteSteps, async () => {
            return (await world.api.call("DELETE", `${path}/${created.id}`)).body.data.id;
          });
          expect(action.status).toBe("succeeded");
          expect((await world.api.get(`${path}/${created.id}`)).status).toBe(404);
          expect(await slate(world)).toEqual(before);
        });
      },
    );
  });
}

export function nameOf(cell: { step: string; moment: string }, what = "killed"): string {
  return `${what}-${cell.step}-${cell.moment}`.replaceAll(/[ _]/g, "-");
}
