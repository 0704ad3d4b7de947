import { createConnection } from "mysql2/promise";
import type { EngineSession, EngineTarget } from "./engine-session.ts";

const TIMEOUT_MS = 5_000;

export async function connectToMysql(target: EngineTarget): Promise<EngineSession> {
  const { host, port, user, password, database, ca } = target;
  const connection = await createConnection({
    host,
    port,
    user,
    ...(password === null ? {} : { password }),
    ...(database === null ? {} : { database }),
    // The library compares the certificate's names with "localhost" where the host is an address; that its authority is ours says enough here.
    ...(ca === null ? {} : { ssl: { ca, rejectUnauthorized: true } }),
    connectTimeout: TIMEOUT_MS,
  });
  return {
    async query(statement) {
      const [rows] = await connection.query(statement);
      return JSON.stringify(rows);
    },
    close: () => connection.end(),
  };
}
