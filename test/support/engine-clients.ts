import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { Redis } from "ioredis";
import { MongoClient } from "mongodb";
import mysql from "mysql2/promise";
import pg from "pg";

/** What `GET /v1/databases/{id}/credentials` answers. */
export interface Credentials {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string | null;
  uri: string;
  ca_certificate: string;
}

/** A customer's program: every call connects anew over verified TLS. */
export interface EngineClient {
  /** Makes what it needs at the first call, and remembers the value. */
  write(credentials: Credentials, value: string): Promise<void>;
  /** Every value written so far, in order. */
  read(credentials: Credentials): Promise<string[]>;
  /** The setting that follows the plan's memory, in MiB. */
  memoryMib(credentials: Credentials): Promise<number>;
}

const postgresql: EngineClient = {
  write: (credentials, value) =>
    withPostgres(credentials, async (client) => {
      await client.query("CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, value text NOT NULL)");
      await client.query("INSERT INTO notes (value) VALUES ($1)", [value]);
    }),
  read: (credentials) =>
    withPostgres(credentials, async (client) => {
      const { rows } = await client.query<{ value: string }>("SELECT value FROM notes ORDER BY id");
      return rows.map((row) => row.value);
    }),
  memoryMib: (credentials) =>
    withPostgres(credentials, async (client) => {
      const { rows } = await client.query<{ mib: number }>(
        "SELECT (pg_size_bytes(current_setting('shared_buffers')) / 1024 / 1024)::int AS mib",
      );
      return rows[0]?.mib ?? 0;
    }),
};

async function withPostgres<T>(credentials: Credentials, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { host, port, user, password, database, ca_certificate: ca } = credentials;
  const client = new pg.Client({ host, port, user, password, database: database ?? "", ssl: { ca } });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const mysqlClient: EngineClient = {
  write: (credentials, value) =>
    withMysql(credentials, async (client) => {
      await client.query("CREATE TABLE IF NOT EXISTS notes (id int AUTO_INCREMENT PRIMARY KEY, value text NOT NULL)");
      await client.execute("INSERT INTO notes (value) VALUES (?)", [value]);
    }),
  read: (credentials) =>
    withMysql(credentials, async (client) => {
      const [rows] = await client.query<mysql.RowDataPacket[]>("SELECT value FROM notes ORDER BY id");
      return rows.map((row) => String(row["value"]));
    }),
  memoryMib: (credentials) =>
    withMysql(credentials, async (client) => {
      const [rows] = await client.query<mysql.RowDataPacket[]>("SELECT @@innodb_buffer_pool_size DIV 1048576 AS mib");
      return Number(rows[0]?.["mib"]);
    }),
};

async function withMysql<T>(credentials: Credentials, work: (client: mysql.Connection) => Promise<T>): Promise<T> {
  const { host, port, user, password, database, ca_certificate: ca } = credentials;
  // mysql2 compares the certificate with no name where the host is an address, so it is told which to compare with.
  const identity = (_name: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate);
  const ssl = { ca, checkServerIdentity: identity } as mysql.SslOptions;
  const client = await mysql.createConnection({ host, port, user, password, database: database ?? "", ssl });
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const redis: EngineClient = {
  write: (credentials, value) =>
    withRedis(credentials, async (client) => {
      await client.rpush("notes", value);
    }),
  read: (credentials) => withRedis(credentials, (client) => client.lrange("notes", 0, -1)),
  memoryMib: (credentials) =>
    withRedis(credentials, async (client) => {
      const info = await client.info("memory");
      return Math.round(Number(/^maxmemory:(\d+)/m.exec(info)?.[1]) / 1024 ** 2);
    }),
};

async function withRedis<T>(credentials: Credentials, work: (client: Redis) => Promise<T>): Promise<T> {
  const { host, port, user: username, password, ca_certificate: ca } = credentials;
  const once = { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 };
  const client = new Redis({ host, port, username, password, tls: { ca }, ...once });
  let refusal: unknown;
  client.on("error", (error) => {
    refusal ??= error;
  });
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw refusal ?? error;
  } finally {
    client.disconnect();
  }
}

const mongodb: EngineClient = {
  write: (credentials, value) =>
    withMongo(credentials, async (client) => {
      const notes = client.db(credentials.database ?? "").collection("notes");
      await notes.insertOne({ place: await notes.countDocuments(), value });
    }),
  read: (credentials) =>
    withMongo(credentials, async (client) => {
      const notes = client.db(credentials.database ?? "").collection("notes");
      return (await notes.find().sort({ place: 1 }).toArray()).map((note) => String(note["value"]));
    }),
  // FerretDB has none of its own; its PostgreSQL is not to be asked from outside (test/e2e/engine-images.test.ts looks inside).
  memoryMib: () => Promise.resolve(Number.NaN),
};

async function withMongo<T>(credentials: Credentials, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const { uri, user: username, password, ca_certificate: ca } = credentials;
  const client = new MongoClient(uri, { auth: { username, password }, ca, serverSelectionTimeoutMS: 10_000 });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.close();
  }
}

export const ENGINE_CLIENTS: Record<string, EngineClient> = { postgresql, mysql: mysqlClient, redis, mongodb };
