/**
 * `npm run backup -- [--to FILE|FOLDER]`: rows and keys of the installation as of one moment, in one file, while it runs or not. CLOUDNEXUS_BACKUP_PASSPHRASE encrypts it.
 */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { withDatabase } from "./backup/database.ts";
import { passphraseOf, productVersion, sizeText } from "./backup/settings.ts";
import { refuseToReplace, writeBackup } from "./backup/write-backup.ts";
import { oneLine } from "./platform/one-line.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { to: { type: "string" }, "data-dir": { type: "string" } } });
  const environment = process.env;
  const dataDir = resolve(values["data-dir"] ?? (environment["CLOUDNEXUS_DATA_DIR"] || ".data"));
  const file = targetOf(values.to, dataDir);
  await refuseToReplace(file);
  const passphrase = passphraseOf(environment);
  const written = await withDatabase(environment["DATABASE_URL"] || null, dataDir, (databaseUrl) =>
    writeBackup({ databaseUrl, dataDir, environment, file, passphrase, version: productVersion() }),
  );
  const { manifest, tables, rows, files, bytes } = written;
  console.log(
    `${file}: ${rows} rows of ${tables} tables, ${files} files, ${sizeText(bytes)}, as of ${manifest.takenAt}`,
  );
  const outside = Object.entries(manifest.keys).flatMap(([setting, { from }]) =>
    from === "environment" ? [setting] : [],
  );
  if (outside.length > 0) console.log(`not in it, since they are set in the environment: ${outside.join(", ")}`);
  if (passphrase === null) {
    console.log("It is not encrypted, and holds the installation's keys: CLOUDNEXUS_BACKUP_PASSPHRASE encrypts it.");
  }
}

/** A folder gets a file that is named by the time. */
function targetOf(to: string | undefined, dataDir: string): string {
  const name = `cloudnexus-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.backup`;
  if (to === undefined) return join(dataDir, "backups", name);
  const target = resolve(to);
  return existsSync(target) && statSync(target).isDirectory() ? join(target, name) : target;
}

main().catch((error: unknown) => {
  process.stderr.write(`backup: ${oneLine(error)}\n`);
  process.exitCode = 1;
});
