import { Client } from "pg";
import type { EngineSession, EngineTarget } from "./engine-session.ts";

const TIMEOUT_MS = 5_000;

export async function connectToPostgresql(target: EngineTarget): Promise<EngineSession> {
  const { host, port, user, password, database, ca } = target;
  const client = new Client({
    host,
    port,
    user,
    password: password ?? "",
    database: database ?? "",
    ssl: ca === null ? false : { ca, rejectUnauthorized: true },
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return {
    query: async (statement) => JSON.stringify((await client.query<Record<string, unknown>>(statement)).rows),
    close: () => client.end(),
  };
}
