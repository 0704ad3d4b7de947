import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { knowsMigration, migrate } from "../../src/store/migrate.ts";
import { lockDataDir } from "../platform/data-lock.ts";
import { startPostgres } from "../platform/postgres.ts";
import { endWhatMustNotRunAgain } from "./begun-before.ts";
import { keysToBring, writeKept } from "./key-files.ts";
import type { Manifest, Totals } from "./manifest.ts";
import { type OpenedBackup, openBackup } from "./read-backup.ts";
import { copyIn, requireEmpty, setSequences } from "./tables.ts";

export interface RestoreOptions {
  file: string;
  dataDir: string;
  /** Null: a PostgreSQL of the data folder's own. */
  databaseUrl: string | null;
  environment: NodeJS.ProcessEnv;
  passphrase: string | null;
}

export interface Restored extends Totals {
  manifest: Manifest;
  /** Settings that the installation needs besides. */
  keysToBring: string[];
}

/** What a data folder has once somebody has begun in it. */
const BEGUN = ["postgres", "secrets", "temporal.db", "bootstrap-api-key", "cloudnexus.yaml"];
const DRAFT = ".restoring";

/** Makes a new installation of a backup: all of it or nothing. Refuses a data folder or a database that has one. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, dataDir, environment, passphrase } = options;
  const backup = await openBackup(file, passphrase);
  await backup.verify();
  const begun = BEGUN.find((name) => existsSync(join(dataDir, name)));
  if (begun !== undefined) throw new Error(`${dataDir} has an installation (${begun}); a restore takes a new folder`);
  const unlock = await lockDataDir(dataDir);
  const draft = join(dataDir, DRAFT);
  try {
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    const restored = await restoreInto(draft, backup, options);
    const toBring = keysToBring(restored.manifest.keys, environment);
    // The database last: without it nobody takes the folder for an installation.
    rmSync(join(draft, "logs"), { recursive: true, force: true });
    const made = readdirSync(draft).sort((a, b) => Number(a === "postgres") - Number(b === "postgres"));
    for (const name of made) renameSync(join(draft, name), join(dataDir, name));
    return { ...restored, keysToBring: toBring };
  } finally {
    rmSync(draft, { recursive: true, force: true });
    await unlock();
  }
}

async function restoreInto(
  draft: string,
  backup: OpenedBackup,
  { databaseUrl, environment }: RestoreOptions,
): Promise<Totals & { manifest: Manifest }> {
  const own = databaseUrl === null ? await startPostgres({ dataDir: draft }) : null;
  const url = own?.url ?? databaseUrl ?? "";
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  let restored: Manifest | undefined;
  try {
    const totals = await backup.read({
      async manifest(manifest) {
        restored = manifest;
        keysToBring(manifest.keys, environment);
        if (!(await knowsMigration(manifest.migration))) throw new Error("it was made by a newer CloudNexus");
        await migrate(url, manifest.migration);
        await client.connect();
        await client.query("BEGIN");
        await requireEmpty(client, manifest.migration);
      },
      async section(section, content) {
        if (section.kind === "table") await copyIn(client, section, content);
        else writeKept(draft, section.path, await whole(content));
      },
    });
    if (!restored) throw new Error("it holds something else than a backup");
    await setSequences(client, restored.sequences);
    await endWhatMustNotRunAgain(client);
    await client.query("INSERT INTO restores (taken_at) VALUES ($1)", [restored.takenAt]);
    await client.query("COMMIT");
    await client.query("ANALYZE");
    await migrate(url);
    return { ...totals, manifest: restored };
  } finally {
    await client.end().catch(() => undefined);
    await own?.stop();
  }
}

async function whole(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
