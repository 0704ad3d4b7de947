import { Redis } from "ioredis";
import { cutBy, type EngineClient } from "./engine-client.ts";
import { tlsOf } from "./engine-tls.ts";

/** Wrong password; not logged in; may not do this. While it reads its data it says LOADING. */
const REFUSALS = /^(WRONGPASS|NOAUTH|NOPERM)\b/;

export const REDIS: EngineClient = {
  async query(target, signal) {
    const { host, port, user: username, password } = target;
    const once = { lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0, enableReadyCheck: false };
    const client = new Redis({ host, port, username, password, tls: tlsOf(target), ...once });
    // What goes wrong is said by `connect` too, but for a refused login, which is said here alone.
    let said: unknown = null;
    client.on("error", (error: unknown) => {
      said ??= error;
    });
    try {
      await cutBy(
        signal,
        () => client.disconnect(),
        async () => {
          await client.connect();
          await client.ping();
        },
      );
    } catch (error) {
      throw said ?? error;
    } finally {
      client.disconnect();
    }
  },
  isRefusal: (error) => error instanceof Error && REFUSALS.test(error.message),
};
