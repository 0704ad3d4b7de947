import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { z } from "zod";

const IMAGES_DIR = fileURLToPath(new URL("../../../images/", import.meta.url));

/** What a database instance made from the image is, as the region offers it. */
const engineSchema = z.strictObject({
  name: z.enum(["postgresql", "mysql", "redis", "mongodb"]),
  /** What a client asks for: "17", "9.7". */
  major: z.string().regex(/^\d+(\.\d+)?$/),
  /** The program that really runs. */
  implementation: z.string(),
});

const recipeSchema = z.strictObject({
  alias: z.string().regex(/^cloudnexus\/[a-z0-9-]+$/),
  description: z.string(),
  os: z.string(),
  release: z.string(),
  suite: z.string(),
  components: z.array(z.string()).min(1),
  /** False where a suite's Release file may be older than it says it is good for; its signature is checked all the same. */
  check_valid_until: z.boolean().default(true),
  packages: z.array(z.string()),
  /** Paths (with * and ?) that are not unpacked from packages. */
  exclude: z.array(z.string()).default([]),
  /** Folders beside the recipe's whose packages, files and steps come first, in this order. */
  shared: z.array(z.string()).default([]),
  /** Programs that are built from tools/<name> and put at the path. */
  programs: z.record(z.string(), z.string().startsWith("/")).default({}),
  templates: z.record(z.string(), z.string()).default({}),
  engine: engineSchema.optional(),
});

/** What a shared folder may add to the recipes that name it, beside files and a step. */
const sharedSchema = z.strictObject({ packages: z.array(z.string()) });

export type EngineOfImage = z.infer<typeof engineSchema>;

export interface Recipe extends z.infer<typeof recipeSchema> {
  name: string;
  /** The shared folders, then the recipe's own. */
  folders: string[];
}

/** The recipe `images/<name>`, checked, with the packages of its shared folders. */
export async function readRecipe(name: string, imagesDir = IMAGES_DIR): Promise<Recipe> {
  const recipes = await recipeNames(imagesDir);
  if (!recipes.includes(name)) throw new Error(`there is no image ${name}; there are ${recipes.join(", ")}`);
  const folder = join(imagesDir, name);
  const recipe = await readChecked(recipeSchema, join(folder, "recipe.yaml"));
  const packages: string[] = [];
  for (const shared of recipe.shared) {
    const file = join(imagesDir, shared, "shared.yaml");
    if (existsSync(file)) packages.push(...(await readChecked(sharedSchema, file)).packages);
  }
  const folders = [...recipe.shared.map((shared) => join(imagesDir, shared)), folder];
  return { ...recipe, name, folders, packages: [...new Set([...packages, ...recipe.packages])] };
}

/** Every folder with a recipe, sorted. */
export async function recipeNames(imagesDir = IMAGES_DIR): Promise<string[]> {
  const files = await readdir(imagesDir, { recursive: true });
  return files.flatMap((file) => /^([^/]+)\/recipe\.yaml$/.exec(file)?.[1] ?? []).sort();
}

async function readChecked<T extends z.ZodType>(schema: T, file: string): Promise<z.infer<T>> {
  const parsed = schema.safeParse(parse(await readFile(file, "utf8")));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`${file}: ${faults.join("; ")}`);
}
