import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openApiDocument } from "../src/api/openapi/document.ts";

/**
 * Writes openapi/openapi.json from the endpoints' definitions.
 *
 *   npm run openapi               writes the file
 *   npm run openapi -- --check    fails if the file is not what would be written
 */
const FILE = "openapi/openapi.json";
const file = new URL(`../${FILE}`, import.meta.url);
const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;

if (!values.check) {
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
} else if (committed() !== text) {
  console.error(`${FILE} is not what the endpoints say: run npm run openapi, look at the difference, and commit it`);
  process.exitCode = 1;
}

function committed(): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
