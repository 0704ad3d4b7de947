import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../src/store/migrate.ts";
import { openSchemaEngine } from "../../src/store/schema-engine.ts";
import { createTestDatabase, query, type TestDatabase } from "../support/database.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

describe("migrations", () => {
  it("change nothing when they are applied again, by several processes at once", async () => {
    expect(await Promise.all([migrate(database.url), migrate(database.url)])).toEqual([[], []]);
  });

  it("apply to an empty database and record themselves as `prisma migrate deploy` would", async () => {
    await query(database.url, "DROP SCHEMA public CASCADE");
    await query(database.url, "CREATE SCHEMA public");
    const applied = await migrate(database.url);
    const rows = await query<{ migration_name: string }>(
      database.url,
      "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1",
    );
    expect(rows.map((row) => row.migration_name)).toEqual(applied);
  });

  it("make the tables and indexes that schema.prisma describes", async () => {
    const migrated = await structure(database.url);
    await query(database.url, "DROP SCHEMA public CASCADE");
    await query(database.url, "CREATE SCHEMA public");
    await query(database.url, await schemaAsSql(database.url));
    const described = await structure(database.url);
    expect(migrated.columns).toEqual(described.columns);
    expect(migrated.indexes).toEqual(expect.arrayContaining(described.indexes));
  });
});

async function schemaAsSql(url: string): Promise<string> {
  const content = await readFile("prisma/schema.prisma", "utf8");
  const { engine, close } = await openSchemaEngine(url, content);
  const { stdout } = await engine.diff({
    from: { tag: "empty" },
    to: { tag: "schemaDatamodel", files: [{ path: "schema.prisma", content }] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  await close();
  return stdout ?? "";
}

async function structure(url: string) {
  const columns = await query(
    url,
    `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name <> '_prisma_migrations' ORDER BY 1, 2`,
  );
  const indexes = await query<{ name: string }>(
    url,
    "SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations' ORDER BY 1",
  );
  return { columns, indexes: indexes.map((index) => index.name) };
}
