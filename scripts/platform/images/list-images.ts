import { tryRun } from "../run.ts";
import { publishedHash } from "./import-image.ts";
import { readRecipe, recipeNames } from "./recipe.ts";
import { hashOf } from "./recipe-hash.ts";

/** A heading and a line for each recipe: its name, what is in it, and how the region's image compares to it. */
export async function imageRows(isIncusThere: boolean): Promise<string[][]> {
  const rows = [["NAME", "ALIAS", "STATE", "CONTENT"]];
  for (const name of await recipeNames()) {
    const recipe = await readRecipe(name);
    const published = isIncusThere ? await publishedHash(recipe.alias) : undefined;
    const version = published === undefined ? undefined : await property(recipe.alias, "cloudnexus.version");
    const content = recipe.engine
      ? `${recipe.engine.implementation}, as ${recipe.engine.name} ${version ?? recipe.engine.major}`
      : recipe.description;
    rows.push([name, recipe.alias, state(published, await hashOf(recipe), isIncusThere), content]);
  }
  return rows;
}

function state(published: string | undefined, hash: string, isIncusThere: boolean): string {
  if (!isIncusThere) return "unknown (Incus does not answer)";
  if (published === undefined) return "missing";
  return published === hash ? "ready" : "outdated";
}

async function property(alias: string, name: string): Promise<string | undefined> {
  return (await tryRun("incus", ["image", "get-property", alias, name]))?.trim() || undefined;
}
