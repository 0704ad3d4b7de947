import { connectToMongodb } from "./connect-mongodb.ts";
import { connectToMysql } from "./connect-mysql.ts";
import { connectToPostgresql } from "./connect-postgresql.ts";
import { connectToRedis } from "./connect-redis.ts";
import type { EngineName, EngineSession, EngineTarget } from "./engine-session.ts";

/** Statements that need a session and nothing else. */
const HARMLESS_QUERIES: Record<EngineName, string> = {
  postgresql: "SELECT 1",
  mysql: "SELECT 1",
  redis: '["PING"]',
  mongodb: '{"count":"anything"}',
};

const CONNECTORS: Record<EngineName, (target: EngineTarget) => Promise<EngineSession>> = {
  postgresql: connectToPostgresql,
  mysql: connectToMysql,
  redis: connectToRedis,
  mongodb: connectToMongodb,
};

/** Opens a session with the client library that customers use. Rejects where the engine does not let it in. */
export async function connect(engine: EngineName, target: EngineTarget): Promise<EngineSession> {
  return await CONNECTORS[engine](target);
}

/** The engine's refusal; undefined if it let the session in and answered its query. */
export async function refusalOf(engine: EngineName, target: EngineTarget): Promise<Error | undefined> {
  try {
    const session = await connect(engine, target);
    try {
      await session.query(HARMLESS_QUERIES[engine]);
    } finally {
      await session.close();
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
