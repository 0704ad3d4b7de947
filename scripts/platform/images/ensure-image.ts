import type { Progress } from "../progress.ts";
import { buildImage, isBuilt } from "./build-image.ts";
import { discardImage, importImage, publishedHash, publishImage } from "./import-image.ts";
import { type Recipe, readRecipe } from "./recipe.ts";
import { hashOf } from "./recipe-hash.ts";
import { smokeTestEngine } from "./smoke-test-engine.ts";
import { tryOut } from "./try-out.ts";

/** Makes sure that Incus has the image of the recipe `images/<name>` under its alias, tried out; answers the alias. */
export async function ensureImage(progress: Progress, name: string): Promise<string> {
  const recipe = await readRecipe(name);
  const hash = await hashOf(recipe);
  if ((await publishedHash(recipe.alias)) === hash) return recipe.alias;

  const title = isBuilt(recipe, hash) ? `Take the image ${name} from the cache` : `Build the image ${name}`;
  const built = await progress.step(title, (report) => buildImage(recipe, hash, report));
  const fingerprint = await progress.step(`Import the image ${name}`, () => importImage(built));
  try {
    const properties = await progress.step(`Try the image ${name}`, (report) => tried(recipe, fingerprint, report));
    await publishImage(fingerprint, recipe.alias, properties);
  } catch (error) {
    await discardImage(fingerprint);
    throw error;
  }
  return recipe.alias;
}

/** The properties that the image has earned. */
async function tried(
  recipe: Recipe,
  fingerprint: string,
  report: (detail: string) => void,
): Promise<Record<string, string>> {
  if (!recipe.engine) {
    await tryOut(fingerprint);
    return {};
  }
  const { version } = await smokeTestEngine(recipe.name, recipe.engine, fingerprint, report);
  return {
    "cloudnexus.engine": recipe.engine.name,
    "cloudnexus.major": recipe.engine.major,
    "cloudnexus.version": version,
    "cloudnexus.implementation": recipe.engine.implementation,
  };
}
