/**
 * npm run test:chaos [-- --seeds N | --seed N]
 *
 * Random creates, deletes, actions, cancels, faults and kills of the worker, each sequence from a seed, with the auditor as the judge. Whatever else is given goes to Vitest.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const DEFAULT_SEEDS = 30;

const words = process.argv.slice(2);
const taken = new Map<string, number>();
for (const option of ["--seeds", "--seed"]) {
  const at = words.indexOf(option);
  if (at < 0) continue;
  const value = Number(words[at + 1]);
  if (!Number.isInteger(value) || value < 1) {
    console.error(`${option} takes a number`);
    process.exit(2);
  }
  taken.set(option, value);
  words.splice(at, 2);
}
const only = taken.get("--seed");
const seeds = only === undefined ? `1-${taken.get("--seeds") ?? DEFAULT_SEEDS}` : String(only);
const vitest = spawn("npx", ["vitest", "run", "--config", "vitest.chaos.config.ts", ...words], {
  stdio: "inherit",
  env: { ...process.env, CHAOS_SEEDS: seeds },
});
const [code] = (await once(vitest, "exit")) as [number | null];
process.exit(code ?? 1);
