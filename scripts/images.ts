/**
 * `npm run images`: builds the images of servers and database engines from the recipes under images/, and tells which this machine's Incus has. An image
 * gets its name only after it was tried in a throw-away instance.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureImage } from "./platform/images/ensure-image.ts";
import { imageRows } from "./platform/images/list-images.ts";
import { readRecipe, recipeNames } from "./platform/images/recipe.ts";
import { ensureIncusDaemon, isIncusAnswering } from "./platform/incus-daemon.ts";
import { prepareRegions } from "./platform/incus-region.ts";
import { type Processes, runUntilStopped } from "./platform/processes.ts";
import { consoleProgress } from "./platform/progress.ts";
import { readSettings } from "./platform/settings.ts";

const USAGE = `npm run images -- build NAME... | all
npm run images -- list

The names are the folders under images/ that hold a recipe.yaml.`;
const POOL_GIB = 20;

await runUntilStopped(main);

async function main(processes: Processes): Promise<number> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [command, ...names] = positionals;
  if (command === "list" && names.length === 0) return await list();
  if (command === "build" && names.length > 0) return await build(names, processes);
  console.error(USAGE);
  return 2;
}

async function list(): Promise<number> {
  const rows = await imageRows(await isIncusAnswering());
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  return 0;
}

async function build(names: string[], processes: Processes): Promise<number> {
  const wanted = names.length === 1 && names[0] === "all" ? await recipeNames() : names;
  // A wrong name is told before the first build, not after it.
  for (const name of wanted) await readRecipe(name);
  const progress = consoleProgress();
  const daemon = await ensureIncusDaemon(progress, join(readSettings(process.env).dataDir, "logs"));
  processes.defer("the Incus daemon", daemon.stop);
  await prepareRegions(progress, POOL_GIB);
  for (const name of wanted) progress.note(`${await ensureImage(progress, name)} is ready`);
  return 0;
}
