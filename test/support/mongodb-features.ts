import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Credentials } from "./api-client.ts";
import { runForeignProgram } from "./foreign-program.ts";

const DOCUMENT = fileURLToPath(new URL("../../docs/databases.md", import.meta.url));
const HEADING = "| area | how it goes | what |";

/** How what an application may ask of MongoDB goes, by area and feature. */
type Outcomes = Record<string, string>;

const areasSchema = z.record(
  z.string(),
  z.record(z.string(), z.object({ outcome: z.string(), message: z.string().optional() })),
);

/** As PyMongo finds it. */
export async function triedFeatures(credentials: Credentials): Promise<Outcomes> {
  const output = await runForeignProgram(["mongodb_features.py"], credentials);
  const areas = areasSchema.parse(output);
  return Object.fromEntries(
    Object.entries(areas).flatMap(([area, features]) =>
      Object.entries(features).map(([feature, { outcome }]) => [`${area}: ${feature}`, outcome]),
    ),
  );
}

/** As the table of docs/databases.md has it: features parted by semicolons, an area's name in the first of its rows. */
export async function documentedFeatures(): Promise<Outcomes> {
  const lines = (await readFile(DOCUMENT, "utf8")).split("\n");
  const begin = lines.indexOf(HEADING);
  if (begin === -1) throw new Error(`${DOCUMENT} has no table of features`);
  const outcomes: Outcomes = {};
  let area = "";
  for (const row of lines.slice(begin + 2)) {
    if (!row.startsWith("|")) break;
    const [, named = "", outcome = "", features = ""] = row.split("|").map((cell) => cell.trim());
    area = named || area;
    for (const feature of features.split(";")) outcomes[`${area}: ${feature.trim()}`] = outcome;
  }
  return outcomes;
}
