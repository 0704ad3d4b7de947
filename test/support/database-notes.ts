import { connect } from "../../scripts/platform/engines/connect.ts";
import type { EngineName, EngineSession } from "../../scripts/platform/engines/engine-session.ts";
import type { Credentials } from "./api-client.ts";

interface Dialect {
  write(session: EngineSession, value: string): Promise<unknown>;
  read(session: EngineSession): Promise<string[]>;
  /** The setting that follows the plan's memory, in MiB; null where a user cannot ask for it. */
  memoryMib(session: EngineSession): Promise<number | null>;
}

const SQL_READ = "SELECT value FROM notes ORDER BY id";

/** A customer's program that keeps notes in its database: every call connects anew over verified TLS, with the engine's own client. */
export function notesIn(engine: EngineName) {
  const dialect = DIALECTS[engine];
  const during = async <T>(credentials: Credentials, work: (session: EngineSession) => Promise<T>): Promise<T> => {
    const session = await connect(engine, { ...credentials, ca: credentials.ca_certificate });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  return {
    /** Makes what it needs where it is missing. */
    write: (credentials: Credentials, value: string) => during(credentials, (session) => dialect.write(session, value)),
    /** Every note so far, in order. */
    read: (credentials: Credentials) => during(credentials, (session) => dialect.read(session)),
    memoryMib: (credentials: Credentials) => during(credentials, (session) => dialect.memoryMib(session)),
  };
}

const DIALECTS: Record<EngineName, Dialect> = {
  postgresql: {
    async write(session, value) {
      await session.query("CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, value text NOT NULL)");
      await session.query(`INSERT INTO notes (value) VALUES ('${value}')`);
    },
    read: async (session) => valuesOf(await session.query(SQL_READ)),
    async memoryMib(session) {
      const [row] = rowsOf(
        await session.query("SELECT pg_size_bytes(current_setting('shared_buffers')) / 1024 / 1024 AS mib"),
      );
      return Number(row?.["mib"]);
    },
  },
  mysql: {
    async write(session, value) {
      await session.query("CREATE TABLE IF NOT EXISTS notes (id int AUTO_INCREMENT PRIMARY KEY, value text NOT NULL)");
      await session.query(`INSERT INTO notes (value) VALUES ('${value}')`);
    },
    read: async (session) => valuesOf(await session.query(SQL_READ)),
    async memoryMib(session) {
      const [row] = rowsOf(await session.query("SELECT @@innodb_buffer_pool_size DIV 1048576 AS mib"));
      return Number(row?.["mib"]);
    },
  },
  redis: {
    write: (session, value) => session.query(JSON.stringify(["RPUSH", "notes", value])),
    read: async (session) => JSON.parse(await session.query('["LRANGE", "notes", "0", "-1"]')) as string[],
    async memoryMib(session) {
      const info = JSON.parse(await session.query('["INFO", "memory"]')) as string;
      return Number(/^maxmemory:(\d+)/m.exec(info)?.[1]) / 1024 ** 2;
    },
  },
  mongodb: {
    async write(session, value) {
      const place = (await DIALECTS.mongodb.read(session)).length;
      await session.query(JSON.stringify({ insert: "notes", documents: [{ place, value }] }));
    },
    async read(session) {
      const answer = await session.query(JSON.stringify({ find: "notes", sort: { place: 1 } }));
      const { cursor } = JSON.parse(answer) as { cursor: { firstBatch: { value: string }[] } };
      return cursor.firstBatch.map((note) => note.value);
    },
    // It is a setting of the PostgreSQL behind it, which nobody reaches from outside.
    memoryMib: () => Promise.resolve(null),
  },
};

function rowsOf(answer: string): Record<string, unknown>[] {
  return JSON.parse(answer) as Record<string, unknown>[];
}

function valuesOf(answer: string): string[] {
  return rowsOf(answer).map((row) => String(row["value"]));
}
