import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { STAGES } from "../../vitest.chaos.config.ts";
import { createAuditor } from "../support/audits.ts";
import { Pool } from "../support/pool.ts";
import { createWorld, type World } from "../support/world.ts";
import { Stage } from "./performance.ts";
import { scriptOf, told } from "./script.ts";

const run = promisify(execFile);

/** FIRST-LAST; `npm run test:chaos -- --seeds N` and `--seed N` say which. */
const [first = 1, last = first] = (process.env["CHAOS_SEEDS"] ?? "1-30").split("-").map(Number);
const SEEDS = Array.from({ length: last - first + 1 }, (_, index) => first + index);
const SCRIPT_MS = 1_200_000;

const worlds: World[] = [];
const stages: Stage[] = [];
const pool = new Pool<Stage>();

beforeAll(async () => {
  for (let index = 0; index < Math.min(STAGES, SEEDS.length); index++) {
    const world = await createWorld();
    worlds.push(world);
    const stage = new Stage(world, await createAuditor(world));
    stages.push(stage);
    pool.add(stage);
  }
});
afterAll(async () => {
  const sums: Record<string, number> = {};
  for (const stage of stages) {
    for (const [what, count] of Object.entries(await stage.happenings())) sums[what] = (sums[what] ?? 0) + count;
  }
  console.log(`${SEEDS.length} seeds:`, sums);
  await Promise.all(stages.map((stage) => stage.close()));
  await Promise.all(worlds.map((world) => world.close()));
});

it.concurrent.each(SEEDS)("seed %i ends well, and leaves nothing", { timeout: SCRIPT_MS }, (seed) =>
  pool.use(async (stage) => {
    const script = scriptOf(seed);
    try {
      await stage.perform(script);
    } catch (error) {
      console.error(`npm run test:chaos -- --seed ${seed}\n${told(script)}`);
      throw error;
    }
  }),
);

it("a seed has the same script in every process", async () => {
  const print = `console.log(JSON.stringify(${JSON.stringify(SEEDS)}.map(scriptOf)))`;
  const program = `import { scriptOf } from "./test/chaos/script.ts"; ${print}`;
  const { stdout } = await run(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    maxBuffer: 100_000_000,
  });
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(SEEDS.map(scriptOf))));
});
