import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readRecipe, recipeNames } from "../../scripts/platform/images/recipe.ts";
import { hashOf } from "../../scripts/platform/images/recipe-hash.ts";

test("every recipe of ours is valid, and its alias is its folder's name", async () => {
  const names = await recipeNames();
  expect(names).toContain("debian-12");
  expect(names).toContain("postgresql-17");
  for (const name of names) expect((await readRecipe(name)).alias).toBe(`cloudnexus/${name}`);
});

test("every engine's image is told apart by engine and version", async () => {
  const recipes = await Promise.all((await recipeNames()).map((name) => readRecipe(name)));
  const offers = recipes.flatMap(({ engine }) => (engine ? [`${engine.name} ${engine.major}`] : []));
  expect(offers).toContain("postgresql 17");
  expect(new Set(offers).size).toBe(offers.length);
});

test("an unknown image is refused with the names there are", async () => {
  await expect(readRecipe("oracle-23")).rejects.toThrow(/no image oracle-23; there are .*postgresql-17/);
  await expect(readRecipe("../images/debian-12")).rejects.toThrow(/no image/);
});

describe("a recipe", () => {
  const RECIPE = {
    alias: "cloudnexus/engine-1",
    description: "An engine",
    os: "Debian",
    release: "trixie",
    suite: "trixie",
    components: ["main"],
    packages: ["engine"],
    shared: ["base"],
  };
  let folder: string;

  async function write(recipe: object): Promise<void> {
    await writeFile(join(folder, "engine-1", "recipe.yaml"), stringify(recipe));
  }

  const read = () => readRecipe("engine-1", folder);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cn-recipes-"));
    await mkdir(join(folder, "engine-1"));
    await mkdir(join(folder, "base", "files"), { recursive: true });
    await writeFile(join(folder, "base", "shared.yaml"), stringify({ packages: ["systemd", "engine"] }));
    await writeFile(join(folder, "base", "files", "agent"), "agent");
    await write(RECIPE);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("gets the packages of its shared folders, each once, and their files before its own", async () => {
    const { packages, folders } = await read();
    expect(packages).toEqual(["systemd", "engine"]);
    expect(folders).toEqual([join(folder, "base"), join(folder, "engine-1")]);
  });

  test("with a field that is unknown or wrong is refused, and the field is named", async () => {
    await write({ ...RECIPE, package: [] });
    await expect(read()).rejects.toThrow(/package/);
    await write({ ...RECIPE, engine: { name: "oracle", major: "23", implementation: "Oracle" } });
    await expect(read()).rejects.toThrow(/engine\.name/);
    await write({ ...RECIPE, engine: { name: "mysql", major: "9.7.4-2", implementation: "MySQL" } });
    await expect(read()).rejects.toThrow(/engine\.major/);
  });

  test("has another hash as soon as anything in it or in its shared folders is different", async () => {
    const hashes = [await hashOf(await read())];
    await writeFile(join(folder, "base", "files", "agent"), "another agent");
    hashes.push(await hashOf(await read()));
    await writeFile(join(folder, "engine-1", "customize.sh"), "#!/bin/sh\n", { mode: 0o644 });
    hashes.push(await hashOf(await read()));
    await rm(join(folder, "engine-1", "customize.sh"));
    await writeFile(join(folder, "engine-1", "customize.sh"), "#!/bin/sh\n", { mode: 0o755 });
    hashes.push(await hashOf(await read()));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("has the same hash wherever it lies, and whatever Python left behind", async () => {
    const copy = await mkdtemp(join(tmpdir(), "cn-recipes-"));
    try {
      await cp(folder, copy, { recursive: true });
      await mkdir(join(copy, "base", "files", "__pycache__"));
      await writeFile(join(copy, "base", "files", "__pycache__", "agent.pyc"), "compiled");
      expect(await hashOf(await readRecipe("engine-1", copy))).toBe(await hashOf(await read()));
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });
});
