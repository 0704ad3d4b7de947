import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchAccepting } from "./accepting.ts";
import { Cleanup } from "./cleanup.ts";
import { benchDatabasesOnIncus } from "./databases-on-incus.ts";
import { benchKeyChecks } from "./key-checks.ts";
import { benchLargeAccounts } from "./large-accounts.ts";
import { startPlatform } from "./platform.ts";
import { benchReads } from "./reads.ts";
import { benchServersOnIncus } from "./servers-on-incus.ts";
import { benchWorkflows } from "./workflows.ts";

/**
 * npm run bench [-- a|b|c|d|e|f|g ...] [--cpu-prof FOLDER]
 *
 * Measures CloudNexus against what it is made of, in the same run (docs/performance.md). Without arguments everything; (a) and (d) need Incus.
 */
const BENCHES = {
  a: benchServersOnIncus,
  b: benchWorkflows,
  c: benchReads,
  d: benchDatabasesOnIncus,
  e: benchLargeAccounts,
  f: benchAccepting,
  g: benchKeyChecks,
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { "cpu-prof": { type: "string" } } });
  const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  const unknown = wanted.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown !== undefined)
    throw new Error(`there is no benchmark ${unknown}: choose from ${Object.keys(BENCHES).join(", ")}`);
  const profileDir = values["cpu-prof"] === undefined ? null : resolve(values["cpu-prof"]);
  if (profileDir !== null) mkdirSync(profileDir, { recursive: true });

  const cleanup = new Cleanup();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanup.run().then(() => process.exit(130)));
  }
  try {
    const platform = await startPlatform(cleanup, profileDir);
    for (const name of wanted) await BENCHES[name as keyof typeof BENCHES](platform);
  } finally {
    await cleanup.run();
  }
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
