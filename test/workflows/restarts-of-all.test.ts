import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { startPostgres } from "../../scripts/platform/postgres.ts";
import { startTemporalServer } from "../../scripts/platform/temporal-server.ts";
import { migrate } from "../../src/store/migrate.ts";
import { createAuditor } from "../support/audits.ts";
import { EVERY_STEP, MAY_FAIL, type StepCell } from "../support/every-step.ts";
import { sampled } from "../support/fault-sample.ts";
import { HeldActions } from "../support/held-actions.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World, type WorldOptions } from "../support/world.ts";

/**
 * Every workflow, in every step, while what it works with is killed and started again: Temporal, PostgreSQL, or the hosts' daemon. The actions are held after
 * the step's effect and before its answer, so many at once as a worker has room for. They go on as soon as it is killed, and it comes back once they have met that.
 */

interface Fault {
  what: string;
  /** Its own, so that nobody else's is restarted. */
  prepare(): Promise<Prepared>;
}

interface Prepared {
  options: WorldOptions;
  /** Kills it, and starts it after `meanwhile`. */
  restart(world: World, meanwhile: () => Promise<void>): Promise<void>;
  /** Of actions that go on while it is away, whether one has come to where it is needed. */
  isMet(world: World, begun: Begun): Promise<boolean>;
  stop(): Promise<void>;
}

interface Begun {
  actionIds: string[];
  /** Attempts that failed since it was killed. */
  failed: number;
}

const FAULTS: Fault[] = [
  {
    what: "Temporal",
    async prepare() {
      const dataDir = mkdtempSync(join(tmpdir(), "cn-again-"));
      const port = await freePort();
      let temporal = await startTemporalServer({ dataDir, ui: false, port });
      return {
        options: { temporalAddress: temporal.address },
        async restart(_world, meanwhile) {
          process.kill(temporal.background.pid, "SIGKILL");
          await temporal.background.exited;
          await meanwhile();
          temporal = await startTemporalServer({ dataDir, ui: false, port });
        },
        // Every answer needs it.
        isMet: () => Promise.resolve(true),
        async stop() {
          await temporal.stop();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    },
  },
  {
    what: "PostgreSQL",
    async prepare() {
      const dataDir = mkdtempSync(join(tmpdir(), "cn-again-"));
      let postgres = await startPostgres({ dataDir });
      await migrate(postgres.url);
      return {
        options: { database: { url: postgres.url, drop: () => Promise.resolve() } },
        async restart(world, meanwhile) {
          // As `pg_ctl stop -m immediate` does it.
          process.kill(postgres.background?.pid ?? 0, "SIGQUIT");
          await postgres.background?.exited;
          await meanwhile();
          postgres = await startPostgres({ dataDir });
          await waitUntil("the API has it again", async () => (await world.api.get("/readyz")).status === 200);
        },
        // Every action ends with a row.
        isMet: (_world, { failed }) => Promise.resolve(failed > 0),
        async stop() {
          await postgres.stop();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    },
  },
  {
    what: "the hosts' daemon",
    prepare: () =>
      Promise.resolve({
        options: {},
        restart: ({ simulator }, meanwhile) => simulator.restart(meanwhile),
        // Of a few, none may have work left for it.
        isMet: async (world, { failed, actionIds }) => failed > 0 || (await haveEnded(world, actionIds)),
        stop: () => Promise.resolve(),
      }),
  },
];

/** Steps of a region that a worker has room for at once are 40, and what is acted on has to be made beside them. */
const WAVE = 28;
const LIMIT_MS = 1_800_000;
const ENDING_MS = 300_000;

async function haveEnded(world: World, actionIds: string[]): Promise<boolean> {
  const running = "SELECT 1 FROM actions WHERE status = 'running' AND id = ANY($1)";
  return (await world.sql(running, [actionIds])).length === 0;
}

function wavesOf(cells: readonly StepCell[]): StepCell[][] {
  const count = Math.ceil(cells.length / WAVE);
  return Array.from({ length: count }, (_, wave) => cells.slice(wave * WAVE, (wave + 1) * WAVE));
}

describe.each(FAULTS)("$what killed and started again", ({ what, prepare }) => {
  const cells = sampled(`restart of ${what}`, EVERY_STEP);
  const ends = new Map<StepCell, string>();
  const held = new HeldActions({ everyAttempt: true });
  let world: World;
  let prepared: Prepared;

  beforeAll(async () => {
    prepared = await prepare();
    world = await createWorld({ addresses: 240, ...prepared.options });
    await world.startWorker([held.interceptor]);
    await world.enginesOffered();
    for (const wave of wavesOf(cells)) {
      const begun: { cell: StepCell; actionId: string }[] = [];
      for (const cell of wave) {
        const { id, actionId } = await cell.begin(world, held);
        await held.waitUntilHeld(id);
        begun.push({ cell, actionId });
      }
      const failedBefore = held.failed;
      await prepared.restart(world, async () => {
        held.releaseAll();
        const actionIds = begun.map(({ actionId }) => actionId);
        await waitUntil(`somebody misses ${what}`, () =>
          prepared.isMet(world, { actionIds, failed: held.failed - failedBefore }),
        );
      });
      for (const { cell, actionId } of begun) {
        const { status } = await world.api.actionEnd(actionId, ENDING_MS).catch(() => ({ status: "running" }));
        ends.set(cell, status);
      }
    }
  }, LIMIT_MS);
  afterAll(async () => {
    await world.close();
    await prepared.stop();
  }, LIMIT_MS);

  it.each(cells)("after $step: $name ends", (cell) => {
    expect(MAY_FAIL.has(cell.name) ? ["succeeded", "failed"] : ["succeeded"]).toContain(ends.get(cell));
  });

  it("leaves nothing that differs", async () => {
    const auditor = await createAuditor(world);
    expect(await auditor.audit()).toMatchObject({ status: "succeeded", differences: [] });
  });
});
