import { type Document, MongoClient } from "mongodb";
import type { EngineSession, EngineTarget } from "./engine-session.ts";

const TIMEOUT_MS = 5_000;

export async function connectToMongodb(target: EngineTarget): Promise<EngineSession> {
  const { host, port, user, password, database, ca } = target;
  const client = new MongoClient(`mongodb://${host}:${port}/${database ?? ""}`, {
    ...(password === null ? {} : { auth: { username: user, password } }),
    ...(ca === null ? {} : { tls: true, ca }),
    directConnection: true,
    serverSelectionTimeoutMS: TIMEOUT_MS,
    connectTimeoutMS: TIMEOUT_MS,
    socketTimeoutMS: TIMEOUT_MS,
  });
  try {
    await client.connect();
  } catch (error) {
    await client.close();
    throw error;
  }
  return {
    async query(statement) {
      const command = JSON.parse(statement) as Document;
      const on = typeof command["$db"] === "string" ? command["$db"] : (database ?? "");
      const { $db: _db, ...rest } = command;
      return JSON.stringify(await client.db(on).command(rest));
    },
    close: () => client.close(),
  };
}
