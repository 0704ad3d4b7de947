import { readdir, readFile } from "node:fs/promises";
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

  it("keep the API keys that there were: their tokens get rows, names become unique", async () => {
    const apply = await migrateUpTo("_api_key_tokens");
    await query(database.url, "INSERT INTO accounts (id, name) VALUES ('acc_a', 'default')");
    await query(
      database.url,
      `INSERT INTO api_keys (id, account_id, name, token_hash, hint, created_at)
       VALUES ('ak_second12345', 'acc_a', 'bootstrap', 'h2', 'b', now()), ('ak_first', 'acc_a', 'bootstrap', 'h1', 'a', now() - interval '1 day')`,
    );
    await apply();
    const tokens = await query(
      database.url,
      "SELECT k.name, t.token_hash, t.pepper_id, t.valid_until FROM api_key_tokens t JOIN api_keys k ON k.id = t.api_key_id ORDER BY 2",
    );
    expect(tokens).toEqual([
      { name: "bootstrap", token_hash: "h1", pepper_id: null, valid_until: null },
      { name: "bootstrap-second12", token_hash: "h2", pepper_id: null, valid_until: null },
    ]);
  });

  it("count the servers and databases that there were", async () => {
    const apply = await migrateUpTo("_resource_counts");
    await query(
      database.url,
      `INSERT INTO servers (id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, action_id, deleted_at)
       SELECT 'srv_' || n, 'acc_' || n % 2, 'server-' || n, 'starter', 'us-east-1', 'debian-12', 1, 512, 10, 'active', 'act', CASE WHEN n > 6 THEN now() END
       FROM generate_series(1, 9) AS n`,
    );
    await query(
      database.url,
      `INSERT INTO databases (id, account_id, name, plan, region, engine, major, version, implementation, vcpus, memory_mib, disk_gib, status, action_id)
       VALUES ('db_1', 'acc_0', 'db', 'standard', 'eu-west-2', 'redis', '8', '8.0', 'Redis', 1, 512, 4, 'failed', 'act')`,
    );
    await apply();
    expect(
      await query(database.url, "SELECT account_id, kind, region, status, change FROM resource_counts ORDER BY 1, 2"),
    ).toEqual([
      { account_id: "acc_0", kind: "database", region: "eu-west-2", status: "failed", change: 1 },
      { account_id: "acc_0", kind: "server", region: "us-east-1", status: "active", change: 3 },
      { account_id: "acc_1", kind: "server", region: "us-east-1", status: "active", change: 3 },
    ]);
  });

  it("count what the regions had promised", async () => {
    const apply = await migrateUpTo("_region_promises");
    await query(
      database.url,
      `INSERT INTO capacity_reservations (resource_id, region, vcpus, memory_mib, disk_gib)
       SELECT 'srv_' || n, CASE WHEN n > 2 THEN 'us-east-1' ELSE 'eu-west-2' END, 1, 512, 10 FROM generate_series(1, 5) AS n`,
    );
    await apply();
    expect(
      await query(
        database.url,
        "SELECT region, vcpus, memory_mib::int AS memory_mib, disk_gib FROM region_promises ORDER BY 1",
      ),
    ).toEqual([
      { region: "eu-west-2", vcpus: 2, memory_mib: 1024, disk_gib: 20 },
      { region: "us-east-1", vcpus: 3, memory_mib: 1536, disk_gib: 30 },
    ]);
  });
});

/** An empty database gets every migration before the one whose name ends so; the answer applies that one. */
async function migrateUpTo(ending: string): Promise<() => Promise<void>> {
  await query(database.url, "DROP SCHEMA public CASCADE");
  await query(database.url, "CREATE SCHEMA public");
  const names = (await readdir("prisma/migrations")).filter((name) => /^\d/.test(name)).sort();
  const change = names.findIndex((name) => name.endsWith(ending));
  const apply = async (name: string) => {
    await query(database.url, await readFile(`prisma/migrations/${name}/migration.sql`, "utf8"));
  };
  for (const name of names.slice(0, change)) await apply(name);
  return () => apply(names[change] ?? "");
}

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
