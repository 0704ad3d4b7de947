import { once } from "node:events";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import type { Manifest, Section } from "./manifest.ts";

export type Table = Extract<Section, { kind: "table" }>;

/** Written by migrations, not by us. */
const MIGRATIONS_TABLE = "_prisma_migrations";

/** All reads of the connection see one moment from here on, whatever is written meanwhile. */
export async function beginSnapshot(client: pg.Client): Promise<Date> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const { rows } = await client.query<{ now: Date }>("SELECT clock_timestamp() AS now");
  return rows[0]?.now ?? new Date();
}

/** Our tables, each after those it refers to. */
export async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; refersTo: string[] }>(
    `SELECT c.relname AS name,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       ARRAY(SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS "refersTo"
     FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> $1 ORDER BY c.relname`,
    [MIGRATIONS_TABLE],
  );
  const ordered: typeof rows = [];
  const isPlaced = (name: string) => ordered.some((placed) => placed.name === name);
  while (ordered.length < rows.length) {
    const next = rows.filter(({ name, refersTo }) => !isPlaced(name) && refersTo.every(isPlaced));
    if (next.length === 0) throw new Error("BUG: tables refer to each other in a circle");
    ordered.push(...next);
  }
  return ordered.map(({ name, columns }) => ({ kind: "table", name, columns }));
}

export async function latestMigration(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM ${MIGRATIONS_TABLE} WHERE finished_at IS NOT NULL ORDER BY migration_name DESC LIMIT 1`,
  );
  const [latest] = rows;
  if (!latest) throw new Error("the database has no schema of ours");
  return latest.name;
}

/** Sequences are no part of a snapshot: they are read after it has begun, and so are never behind it. */
export async function readSequences(client: pg.Client): Promise<Manifest["sequences"]> {
  const { rows } = await client.query<{ name: string; lastValue: string }>(
    `SELECT sequencename AS name, last_value::text AS "lastValue" FROM pg_sequences
     WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1`,
  );
  return rows;
}

export function copyOut(client: pg.Client, { name, columns }: Table): Readable & { rowCount: number } {
  return client.query(copyTo(`COPY ${quoted(name)} (${columns.map(quoted).join(", ")}) TO STDOUT`));
}

/** Fails with what PostgreSQL says if a row does not fit. */
export async function copyIn(
  client: pg.Client,
  { name, columns }: Table,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  // Triggers have written their rows once: they are in the backup. The owner of a table may switch them off, which is more than may change the role of replication.
  await client.query(`ALTER TABLE ${quoted(name)} DISABLE TRIGGER USER`);
  const stream = client.query(copyFrom(`COPY ${quoted(name)} (${columns.map(quoted).join(", ")}) FROM STDIN`));
  const end = finished(stream);
  end.catch(() => undefined);
  try {
    for await (const chunk of content) {
      if (!stream.write(chunk)) await Promise.race([once(stream, "drain"), end]);
    }
    stream.end();
  } catch (error) {
    stream.destroy();
    throw error;
  }
  await end;
  await client.query(`ALTER TABLE ${quoted(name)} ENABLE TRIGGER USER`);
}

export async function setSequences(client: pg.Client, sequences: Manifest["sequences"]): Promise<void> {
  for (const { name, lastValue } of sequences) {
    await client.query("SELECT setval($1::regclass, $2::bigint)", [quoted(name), lastValue]);
  }
}

/** Refuses a database in which somebody has begun, and empties what migrations have put in. */
export async function requireEmpty(client: pg.Client, migration: string): Promise<void> {
  const { rows } = await client.query("SELECT 1 FROM accounts LIMIT 1");
  if (rows.length > 0) throw new Error("there is an installation in this database; a restore takes an empty one");
  if ((await latestMigration(client)) !== migration)
    throw new Error("the database has a newer schema; a restore takes an empty one");
  const tables = await listTables(client);
  await client.query(`TRUNCATE ${tables.map(({ name }) => quoted(name)).join(", ")}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
