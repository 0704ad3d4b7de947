import { connect as connectTcp } from "node:net";
import { createConnection } from "mysql2/promise";
import type { EngineSession, EngineTarget } from "./engine-session.ts";

const TIMEOUT_MS = 5_000;

export async function connectToMysql(target: EngineTarget): Promise<EngineSession> {
  const { host, port, user, password, database, ca } = target;
  const socket = connectTcp({ host, port });
  // The library checks the certificate against the socket's host, which Node notes for names only: without it no address would match.
  const stream = Object.assign(socket, { _host: host });
  const timer = setTimeout(() => socket.destroy(new Error("no answer in time")), TIMEOUT_MS);
  const login = {
    user,
    ...(password === null ? {} : { password }),
    ...(database === null ? {} : { database }),
    ...(ca === null ? {} : { ssl: { ca, rejectUnauthorized: true, verifyIdentity: true } }),
  };
  const connection = await createConnection({ host, port, stream, ...login })
    .catch((error: unknown) => {
      socket.destroy();
      throw error;
    })
    .finally(() => clearTimeout(timer));
  return {
    async query(statement) {
      const [rows] = await connection.query(statement);
      return JSON.stringify(rows);
    },
    close: () => connection.end(),
  };
}
