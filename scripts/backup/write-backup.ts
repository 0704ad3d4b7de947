import { createWriteStream } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import pg from "pg";
import { frame, section } from "./frames.ts";
import { filesToKeep, keysOf } from "./key-files.ts";
import type { Manifest, Totals } from "./manifest.ts";
import { sealing } from "./sealing.ts";
import { beginSnapshot, copyOut, latestMigration, listTables, readSequences } from "./tables.ts";

export interface BackupOptions {
  databaseUrl: string;
  dataDir: string;
  environment: NodeJS.ProcessEnv;
  /** Must not be there yet. */
  file: string;
  /** Null: the file is not encrypted. */
  passphrase: string | null;
  /** Of CloudNexus. */
  version: string;
}

export interface BackupWritten extends Totals {
  manifest: Manifest;
  bytes: number;
}

const OWNER_ONLY = 0o600;

/** Writes a backup as of one moment, while API and worker run. The file is there whole or not at all, for its owner alone. */
export async function writeBackup(options: BackupOptions): Promise<BackupWritten> {
  const { databaseUrl, file, passphrase } = options;
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  const partial = `${file}.partial-${process.pid}`;
  try {
    await client.connect();
    const manifest = await readManifest(client, options);
    const totals: Totals = { tables: 0, rows: 0, files: 0 };
    const { head, seal } = sealing(passphrase);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const target = createWriteStream(partial, { flags: "wx", mode: OWNER_ONLY, flush: true });
    target.write(head);
    await pipeline(Readable.from(content(client, options, manifest, totals)), createGzip(), seal, target);
    await refuseToReplace(file);
    await rename(partial, file);
    await flushFolder(dirname(file));
    return { manifest, ...totals, bytes: (await stat(file)).size };
  } finally {
    await rm(partial, { force: true });
    await client.end().catch(() => undefined);
  }
}

async function readManifest(client: pg.Client, { dataDir, environment, version }: BackupOptions): Promise<Manifest> {
  const keys = keysOf(dataDir, environment);
  const takenAt = await beginSnapshot(client);
  return {
    ...{ version, takenAt: takenAt.toISOString(), migration: await latestMigration(client) },
    sequences: await readSequences(client),
    keys,
  };
}

async function* content(
  client: pg.Client,
  { dataDir, environment }: BackupOptions,
  manifest: Manifest,
  totals: Totals,
): AsyncGenerator<Buffer> {
  yield frame("manifest", manifest);
  for (const path of filesToKeep(dataDir, environment)) {
    yield* section({ kind: "file", path }, [await readFile(join(dataDir, path))]);
    totals.files += 1;
  }
  const copies: { rowCount: number }[] = [];
  for (const table of await listTables(client)) {
    const rows = copyOut(client, table);
    yield* section(table, rows as AsyncIterable<Buffer>);
    copies.push(rows);
  }
  // PostgreSQL counts the rows in a message after the last of them: all counts are there once it has answered what comes next.
  await client.query("COMMIT");
  totals.tables = copies.length;
  totals.rows = copies.reduce((sum, { rowCount }) => sum + rowCount, 0);
  yield frame("totals", totals);
}

export async function refuseToReplace(file: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new Error(`${file} is there already`);
}

/** So that the name survives a power cut, too. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
