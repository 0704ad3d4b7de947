import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBackup } from "../../scripts/backup/read-backup.ts";
import { restoreBackup } from "../../scripts/backup/restore-backup.ts";
import { writeBackup } from "../../scripts/backup/write-backup.ts";
import { startPostgres } from "../../scripts/platform/postgres.ts";
import { readSecrets } from "../../src/config/secrets.ts";
import { newId } from "../../src/domain/ids.ts";
import { createTestDatabase, everyRow, query, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { waitUntil } from "../support/wait.ts";

const PASSPHRASE = "correct horse battery staple";
const SECRET = "a bootstrap key that nobody may read";
const ACCOUNTS = 200;

let work: string;
let dataDir: string;
let database: TestDatabase;
let files = 0;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "cn-backup-"));
  dataDir = join(work, "data");
  mkdirSync(dataDir);
  readSecrets(dataDir, {});
  writeFileSync(join(dataDir, "bootstrap-api-key"), `${SECRET}\n`);
  database = await createTestDatabase();
  const values = Array.from({ length: ACCOUNTS }, () => newId("account"));
  await query(database.url, "INSERT INTO accounts (id, name) SELECT id, 'n\t\\' || id FROM unnest($1::text[]) AS id", [
    values,
  ]);
  await query(database.url, "INSERT INTO account_quotas (account_id) SELECT id FROM accounts");
});
afterAll(async () => {
  await database.drop();
  rmSync(work, { recursive: true, force: true });
});

async function backUp(change: Partial<Parameters<typeof writeBackup>[0]> = {}) {
  const file = join(work, `${++files}.backup`);
  const options = { databaseUrl: database.url, dataDir, environment: {}, file, passphrase: null, version: "0.0.0" };
  return { file, ...(await writeBackup({ ...options, ...change })) };
}

/** A database of its own, without a schema, and a folder that is not there. */
async function emptyTarget() {
  const target = await createTestDatabase();
  await query(target.url, "DROP SCHEMA public CASCADE");
  await query(target.url, "CREATE SCHEMA public");
  return { ...target, folder: join(work, `restored-${++files}`) };
}

async function restore(file: string, target: { url: string; folder: string }, passphrase: string | null = null) {
  return restoreBackup({ file, dataDir: target.folder, databaseUrl: target.url, environment: {}, passphrase });
}

const rowsOf = async (url: string) => (await everyRow((text) => query(url, text))).split("\n").sort();

describe.each([null, PASSPHRASE])("a backup with the passphrase %s", (passphrase) => {
  it("restored has every row, every key, and the numbers after them", async () => {
    const { file, manifest, rows } = await backUp({ passphrase });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(rows).toBeGreaterThanOrEqual(2 * ACCOUNTS);
    const target = await emptyTarget();
    const restored = await restore(file, target, passphrase);
    expect(restored).toMatchObject({ rows, manifest: { takenAt: manifest.takenAt } });
    const isOurs = (row: string) => !row.includes("migration_name") && !row.includes("restored_at");
    expect((await rowsOf(target.url)).filter(isOurs)).toEqual((await rowsOf(database.url)).filter(isOurs));
    expect(await query(target.url, "SELECT taken_at FROM restores")).toEqual([
      { taken_at: new Date(manifest.takenAt) },
    ]);
    for (const name of ["api-key-pepper", "credential-key", "codec-key"]) {
      const path = join("secrets", name);
      expect(readFileSync(join(target.folder, path))).toEqual(readFileSync(join(dataDir, path)));
      expect(statSync(join(target.folder, path)).mode & 0o777).toBe(0o600);
    }
    const sequences = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1";
    expect(await query(target.url, sequences)).toEqual(await query(database.url, sequences));
    // Triggers work on what comes after.
    await query(
      target.url,
      "INSERT INTO audit_events (id, account_id, event, resource_type, resource_id) VALUES ('a', 'a', 'e', 'r', 'i')",
    );
    expect(await query(target.url, "SELECT 1 FROM log_counts WHERE log = 'audit_events'")).toHaveLength(1);
    await target.drop();
  });

  it("is refused where a byte of it is another, or the last ones are missing", async () => {
    const { file } = await backUp({ passphrase });
    const whole = readFileSync(file);
    const change = async (what: (bytes: Buffer) => Buffer) => {
      writeFileSync(file, what(Buffer.from(whole)));
      const { verify } = await openBackup(file, passphrase);
      await verify();
    };
    const flip = (at: number) => (bytes: Buffer) => {
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      return bytes;
    };
    await change((bytes) => bytes);
    const body = whole.indexOf("\n") + 1;
    for (const at of [body, Math.floor((body + whole.length) / 2), whole.length - 40, whole.length - 1]) {
      await expect(change(flip(at))).rejects.toThrow(/truncated, or was altered/);
    }
    for (const missing of [1, 100, whole.length - body - 50]) {
      await expect(change((bytes) => bytes.subarray(0, bytes.length - missing))).rejects.toThrow(/truncated/);
    }
    await expect(change(() => Buffer.from("a letter\n"))).rejects.toThrow(/no backup of CloudNexus/);
  });
});

describe("a backup", () => {
  it("with a passphrase tells nothing without it", async () => {
    const { file } = await backUp({ passphrase: PASSPHRASE });
    const text = readFileSync(file, "latin1");
    expect(text).not.toContain("acc_");
    expect(text).not.toContain(SECRET);
    await expect(openBackup(file, null)).rejects.toThrow(/set CLOUDNEXUS_BACKUP_PASSPHRASE/);
    await expect(openBackup(file, `${PASSPHRASE}r`)).rejects.toThrow(/not the one it was made with/);
  });

  it("is as of one moment, whatever is written meanwhile", async () => {
    const stop = new AbortController();
    const writing = (async () => {
      while (!stop.signal.aborted) {
        // A row in the first table and one in the last that refers to it, or neither.
        await query(
          database.url,
          `WITH made AS (INSERT INTO accounts (id, name) VALUES ($1, $1) RETURNING id)
           INSERT INTO ssh_keys (id, account_id, name, public_key, fingerprint) SELECT id, id, id, id, id FROM made`,
          [newId("account")],
        );
      }
    })();
    const counted = "SELECT count(*)::int AS n FROM ssh_keys";
    await waitUntil("rows are written", async () => (await query<{ n: number }>(database.url, counted))[0]!.n > 20);
    const { file } = await backUp();
    stop.abort();
    await writing;
    const target = await emptyTarget();
    await restore(file, target);
    const [sums] = await query<{ accounts: number; keys: number }>(
      target.url,
      "SELECT (SELECT count(*)::int FROM accounts) AS accounts, (SELECT count(*)::int FROM ssh_keys) AS keys",
    );
    expect(sums!.keys).toBeGreaterThan(20);
    expect(sums!.accounts).toBe(sums!.keys + ACCOUNTS);
    await target.drop();
  });

  it("leaves nothing where it could not be written", async () => {
    const before = readdirSync(work);
    await expect(backUp({ dataDir: work })).rejects.toThrow(/is CLOUDNEXUS_DATA_DIR the one of the API/);
    await expect(backUp({ databaseUrl: "postgresql://cloudnexus@127.0.0.1:1/none" })).rejects.toThrow();
    expect(readdirSync(work)).toEqual(before);
  });

  it("holds no key that is set in the environment, and asks for it", async () => {
    const key = randomBytes(32).toString("base64");
    const { file } = await backUp({ environment: { CLOUDNEXUS_CREDENTIAL_KEY: key } });
    const target = await emptyTarget();
    const of = { file, dataDir: target.folder, databaseUrl: target.url, passphrase: null };
    const other = { CLOUDNEXUS_CREDENTIAL_KEY: randomBytes(32).toString("base64") };
    await expect(restoreBackup({ ...of, environment: other })).rejects.toThrow(/set to another key/);
    const restored = await restoreBackup({ ...of, environment: { CLOUDNEXUS_CREDENTIAL_KEY: key } });
    expect(restored.keysToBring).toEqual(["CLOUDNEXUS_CREDENTIAL_KEY"]);
    expect(readdirSync(join(target.folder, "secrets"))).not.toContain("credential-key");
    await target.drop();
  });
});

describe("a restore", () => {
  it("is refused where an installation is, in the folder or in the database, and changes neither", async () => {
    const { file } = await backUp();
    const target = await emptyTarget();
    await expect(restore(file, { url: target.url, folder: dataDir })).rejects.toThrow(/has an installation/);
    const before = await rowsOf(database.url);
    await expect(restore(file, { url: database.url, folder: target.folder })).rejects.toThrow(/in this database/);
    expect(await rowsOf(database.url)).toEqual(before);
    expect(readdirSync(target.folder)).toEqual([]);
    await target.drop();
  });

  it("of what a newer CloudNexus wrote is refused", async () => {
    const name = "20991231000000_later";
    const later =
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', $1, now())";
    await query(database.url, later, [name]);
    const { file } = await backUp();
    await query(database.url, "DELETE FROM _prisma_migrations WHERE id = 'x'");
    const target = await emptyTarget();
    await expect(restore(file, target)).rejects.toThrow(/newer CloudNexus/);
    await target.drop();
  });

  it("counts its rows right, also where PostgreSQL tells their number a moment after them", async () => {
    const { rows } = await backUp();
    const { proxy, url, stop } = await DatabaseProxy.start(database.url);
    proxy.splitsAfterRows = true;
    expect((await backUp({ databaseUrl: url })).rows).toBe(rows);
    stop();
  });

  it("without a database brings a PostgreSQL of its own, which a backup is taken of whether it runs or not", async () => {
    const { file } = await backUp();
    const folder = join(work, "own");
    const own = { file, dataDir: folder, databaseUrl: null, environment: {}, passphrase: null };
    const { rows } = await restoreBackup(own);
    expect(readdirSync(folder).sort()).toEqual(["bootstrap-api-key", "postgres", "secrets"]);
    const environment = { ...process.env, CLOUDNEXUS_DATA_DIR: folder, DATABASE_URL: "" };
    const run = (to: string) =>
      execFileSync(process.execPath, ["--import", "tsx", "scripts/backup.ts", "--to", join(work, to)], {
        env: environment,
      });
    expect(run("stopped").toString()).toContain(`${rows + 1} rows`);
    const postgres = await startPostgres({ dataDir: folder, durable: false });
    expect(run("running").toString()).toContain(`${rows + 1} rows`);
    expect(await query(postgres.url, "SELECT 1 FROM accounts LIMIT 1")).toHaveLength(1);
    await postgres.stop();
  });
});
