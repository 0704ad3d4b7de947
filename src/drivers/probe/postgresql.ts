import { Socket } from "node:net";
import pg from "pg";
import { codeOf, cutBy, type EngineClient } from "./engine-client.ts";
import { tlsOf } from "./engine-tls.ts";

/** Wrong password; no such user, or none from here; no such database; may not connect. While it starts it says 57P03. */
const REFUSALS = ["28P01", "28000", "3D000", "42501"];
const NO_TLS = "The server does not support SSL connections";

export const POSTGRESQL: EngineClient = {
  async query({ host, port, user, password, database, ...rest }, signal) {
    // A socket of our own can be closed for sure, whatever the client is in the middle of.
    const socket = new Socket();
    const ssl = tlsOf({ host, port, user, password, database, ...rest });
    const login = { user, password, database: database ?? user };
    const client = new pg.Client({ host, port, ...login, ssl, stream: () => socket });
    // A connection that breaks fails what waits for it; this is for one that breaks between two waits.
    client.on("error", () => undefined);
    try {
      await cutBy(
        signal,
        () => socket.destroy(),
        async () => {
          await client.connect();
          await client.query("SELECT 1");
          await client.end();
        },
      );
    } finally {
      socket.destroy();
    }
  },
  isRefusal: (error) => REFUSALS.includes(codeOf(error)) || (error instanceof Error && error.message === NO_TLS),
};
