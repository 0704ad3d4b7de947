import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { createConnection, type SslOptions } from "mysql2/promise";
import type { EngineSession, EngineTarget } from "./connect.ts";

const TIMEOUT_MS = 5_000;

export async function connectToMysql(target: EngineTarget): Promise<EngineSession> {
  const { host, port, user, password, database, ca } = target;
  const connection = await createConnection({
    host,
    port,
    user,
    ...(password === null ? {} : { password }),
    ...(database === null ? {} : { database }),
    ...(ca === null ? {} : { ssl: verified(host, ca) }),
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

/** The library compares the certificate's names with "localhost" where the host is an address, so it is told what to compare with. */
function verified(host: string, ca: string): SslOptions {
  const identity = (_name: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate);
  return { ca, rejectUnauthorized: true, checkServerIdentity: identity } as SslOptions;
}
