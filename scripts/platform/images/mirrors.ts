import { aptSources } from "../apt.ts";
import { readSystem } from "../system.ts";
import type { Recipe } from "./recipe.ts";

/** Suites that have none of updates and security. */
const ROLLING = ["sid", "unstable"];

/**
 * apt's sources for the image: on Debian the mirrors that this machine already uses, for whichever suite the image is of. Elsewhere none, which leaves
 * mmdebstrap its defaults (main, updates, security from Debian's own servers).
 */
export async function hostMirrors(recipe: Recipe): Promise<string[]> {
  if (readSystem().id !== "debian") return [];
  const sources = (await aptSources()).filter(({ component }) => component === "main");
  const security = sources.find(({ suite }) => suite.endsWith("-security"));
  const main = sources.find(({ suite }) => suite === security?.suite.replace(/-security$/, ""));
  if (!main || !security) return [];
  const components = recipe.components.join(" ");
  const lines = [`deb ${main.uri} ${recipe.suite} ${components}`];
  if (ROLLING.includes(recipe.suite)) return lines;
  return [
    ...lines,
    `deb ${main.uri} ${recipe.suite}-updates ${components}`,
    `deb ${security.uri} ${recipe.suite}-security ${components}`,
  ];
}
