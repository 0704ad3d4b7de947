/**
 * `npm run restore -- --from FILE [--data-dir FOLDER]`: a new installation of a backup, in a folder and a database that have none.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { restoreBackup } from "./backup/restore-backup.ts";
import { passphraseOf } from "./backup/settings.ts";
import { oneLine } from "./platform/one-line.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: "string" }, "data-dir": { type: "string" } } });
  if (values.from === undefined) throw new Error("--from is missing: the file to restore");
  const environment = process.env;
  const dataDir = resolve(values["data-dir"] ?? (environment["CLOUDNEXUS_DATA_DIR"] || ".data"));
  const { manifest, rows, tables, files, keysToBring } = await restoreBackup({
    ...{ file: resolve(values.from), dataDir, databaseUrl: environment["DATABASE_URL"] || null, environment },
    passphrase: passphraseOf(environment),
  });
  console.log(`${dataDir}: ${rows} rows of ${tables} tables, ${files} files, as of ${manifest.takenAt}`);
  if (keysToBring.length > 0) console.log(`It also needs, as before: ${keysToBring.join(", ")}`);
  console.log("What was made or deleted since then is found by an audit: docs/operations.md, After a restore.");
}

main().catch((error: unknown) => {
  process.stderr.write(`restore: ${oneLine(error)}\n`);
  process.exitCode = 1;
});
