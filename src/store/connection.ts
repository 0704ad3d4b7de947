import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client.ts";

export interface ConnectionOptions {
  databaseUrl: string;
  maxConnections: number;
  /** How long a caller waits for a connection. */
  connectTimeoutMs?: number;
  /** Told of a broken idle connection (PostgreSQL restarted): the pool replaces it by itself. */
  onConnectionError: (error: Error) => void;
}

export interface Connection {
  pool: pg.Pool;
  prisma: PrismaClient;
  close(): Promise<void>;
}

/** Repositories take the client or a transaction of it. */
export type Db = Omit<PrismaClient, "$connect" | "$disconnect" | "$on" | "$transaction" | "$extends" | "$use">;

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;

/** Far more than there are in the code. Only statements whose text varies without end could get here, and each keeps memory in every connection. */
const MAX_PREPARED_STATEMENTS = 500;

/** One pool for Prisma and for the hot reads that go to `pg` directly. */
export function connect(options: ConnectionOptions): Connection {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.maxConnections,
    // pg waits for ever by default.
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
  });
  pool.on("error", options.onConnectionError);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator: statementNames() }) });
  return {
    pool,
    prisma,
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}

/** A name for every statement's text, so that PostgreSQL parses it once a connection and not each time. Without a name it is not kept. */
function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    let name = names.get(sql);
    if (name === undefined) {
      if (names.size >= MAX_PREPARED_STATEMENTS) return "";
      name = `prisma-${names.size}`;
      names.set(sql, name);
    }
    return name;
  };
}
