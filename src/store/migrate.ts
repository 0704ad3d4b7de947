import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { openSchemaEngine } from "./schema-engine.ts";

const PRISMA_FOLDER = fileURLToPath(new URL("../../prisma/", import.meta.url));
const MIGRATIONS_FOLDER = `${PRISMA_FOLDER}migrations`;
/** Any constant will do, as long as no other program takes the same advisory lock in this database. */
const MIGRATION_LOCK = 7_263_540_118;

/**
 * Applies the pending migrations of prisma/migrations and returns their names. It is what `prisma migrate deploy` does, through the WebAssembly build of
 * the same engine: the native one has to be downloaded. Callers at once wait for each other. `last`: the newest to be applied; all where it is not given.
 */
export async function migrate(databaseUrl: string, last?: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await lock.connect();
  try {
    await lock.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    return await applyMigrations(databaseUrl, last);
  } finally {
    await lock.end();
  }
}

/** Whether this CloudNexus has a migration of this name. */
export async function knowsMigration(name: string): Promise<boolean> {
  return (await migrationNames()).includes(name);
}

async function applyMigrations(databaseUrl: string, last?: string): Promise<string[]> {
  const { engine, close } = await openSchemaEngine(
    databaseUrl,
    await readFile(`${PRISMA_FOLDER}schema.prisma`, "utf8"),
  );
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await readMigrations(last),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } finally {
    await close();
  }
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS_FOLDER, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function readMigrations(last?: string) {
  const folder = MIGRATIONS_FOLDER;
  const names = (await migrationNames()).filter((name) => last === undefined || name <= last);
  return {
    baseDir: folder,
    lockfile: {
      path: "migration_lock.toml",
      content: await readFile(`${folder}/migration_lock.toml`, "utf8"),
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok" as const, value: await readFile(`${folder}/${name}/migration.sql`, "utf8") },
        },
      })),
    ),
  };
}
