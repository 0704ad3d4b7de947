import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client.ts";

export interface ConnectionOptions {
  databaseUrl: string;
  maxConnections: number;
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

/** One pool for Prisma and for the hot reads that go to `pg` directly. */
export function connect(options: ConnectionOptions): Connection {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.maxConnections,
    // pg waits for ever by default.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
  });
  pool.on("error", options.onConnectionError);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    pool,
    prisma,
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
