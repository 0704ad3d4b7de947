import { connect } from "node:net";
import { createConnection } from "mysql2/promise";
import { codeOf, cutBy, type EngineClient } from "./engine-client.ts";
import { tlsOf } from "./engine-tls.ts";

/** Wrong password; no right to the database; no such database; not from here; no TLS. */
const REFUSALS = [
  "ER_ACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_BAD_DB_ERROR",
  "ER_HOST_NOT_PRIVILEGED",
  "HANDSHAKE_NO_SSL_SUPPORT",
];

export const MYSQL: EngineClient = {
  async query(target, signal) {
    const { host, port, user, password, database } = target;
    const { ca, minVersion, rejectUnauthorized } = tlsOf(target);
    const socket = connect({ host, port });
    // The client checks the certificate against the socket's host, which Node notes for names only, not for addresses: without it nothing would match.
    const stream = Object.assign(socket, { _host: host });
    const ssl = { ca, minVersion, rejectUnauthorized, verifyIdentity: true };
    const login = { user, password, ...(database === null ? {} : { database }) };
    try {
      await cutBy(
        signal,
        () => socket.destroy(new Error("no answer in time")),
        async () => {
          const connection = await createConnection({ host, port, ...login, ssl, stream });
          await connection.query("SELECT 1");
          await connection.end();
        },
      );
    } finally {
      socket.destroy();
    }
  },
  isRefusal: (error) => REFUSALS.includes(codeOf(error)),
};
