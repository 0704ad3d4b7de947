import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { openStore, type Store } from "../../src/store/store.ts";

export const TEMPLATE_DATABASE = "cloudnexus_template";

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A fresh database with the present schema. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const postgresUrl = inject("postgresUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await execute(postgresUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE}`);
  return {
    url: withDatabase(postgresUrl, name),
    drop: () => execute(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** A store on a fresh database, for tests that need nothing else. */
export async function createTestStore(): Promise<{ store: Store; databaseUrl: string; close(): Promise<void> }> {
  const database = await createTestDatabase();
  const store = openStore({
    databaseUrl: database.url,
    maxConnections: 20,
    // Tests beside each other open hundreds.
    connectTimeoutMs: 60_000,
    onConnectionError: () => undefined,
  });
  return {
    store,
    databaseUrl: database.url,
    async close() {
      await store.close();
      await database.drop();
    },
  };
}

export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

export async function query<T extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text, values)).rows;
  } finally {
    await client.end();
  }
}

async function execute(url: string, text: string): Promise<void> {
  await query(url, text);
}

/** Every row of every table, as text: for what must be nowhere. */
export async function everyRow(sql: <T extends object>(text: string) => Promise<T[]>): Promise<string> {
  const tables = await sql<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const { row } of await sql<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`)) {
      texts.push(row);
    }
  }
  return texts.join("\n");
}
