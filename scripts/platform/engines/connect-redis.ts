import { Redis } from "ioredis";
import type { EngineSession, EngineTarget } from "./engine-session.ts";

const TIMEOUT_MS = 5_000;

export async function connectToRedis(target: EngineTarget): Promise<EngineSession> {
  const { host, port, user, password, ca } = target;
  const client = new Redis({
    host,
    port,
    ...(password === null ? {} : { username: user, password }),
    ...(ca === null ? {} : { tls: { ca, rejectUnauthorized: true } }),
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: Error | undefined;
  client.on("error", (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
  } catch (error) {
    client.disconnect();
    throw reason ?? error;
  }
  return {
    async query(statement) {
      const [command = "", ...args] = JSON.parse(statement) as string[];
      return JSON.stringify(await client.call(command, ...args));
    },
    close: () => {
      client.disconnect();
      return Promise.resolve();
    },
  };
}
