import { InterruptedError } from "../interruption.ts";
import { oneLine } from "../one-line.ts";
import type { Progress } from "../progress.ts";
import { ensureImage } from "./ensure-image.ts";
import { readRecipe, recipeNames } from "./recipe.ts";

/** What a wish for databases means: every image of the engines it names ("redis"), the images it names ("redis-8"), "all" or "none". */
export async function databaseImages(wish: string): Promise<string[]> {
  const recipes = await Promise.all((await recipeNames()).map((name) => readRecipe(name)));
  const offered: { name: string; engine: string }[] = recipes.flatMap(({ name, engine }) =>
    engine ? [{ name, engine: engine.name }] : [],
  );
  if (wish === "none") return [];
  if (wish === "all") return offered.map(({ name }) => name);
  const chosen = wish.split(",").map((word) => {
    const matching = offered.filter(({ name, engine }) => word === name || word === engine);
    if (matching.length > 0) return matching.map(({ name }) => name);
    const engines = [...new Set(offered.map(({ engine }) => engine))];
    const known = [...engines, ...offered.map(({ name }) => name)].join(", ");
    throw new Error(`there is no database ${word}: all, none, or of ${known}`);
  });
  return [...new Set(chosen.flat())];
}

/** A database that can't be had is told and left out: servers and the other databases do without it. */
export async function ensureDatabaseImages(progress: Progress, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await ensureImage(progress, name);
    } catch (error) {
      if (error instanceof InterruptedError) throw error;
      progress.note(`the database ${name} is not offered: ${oneLine(error)}`);
    }
  }
}
