import { MongoClient } from "mongodb";
import { codeOf, cutBy, type EngineClient } from "./engine-client.ts";
import { tlsOf } from "./engine-tls.ts";

/** Wrong password; may not do this. */
const REFUSALS = ["18", "13"];
/** The client looks for its server again and again, and says only then what is wrong with it. */
const SELECTION_MS = 2_000;
/** A connection whose first answer is awaited outlives the client that is closed; it ends by this time. */
const CONNECT_MS = 2_000;

export const MONGODB: EngineClient = {
  async query(target, signal) {
    const { host, port, user: username, password, database } = target;
    const { ca, checkServerIdentity } = tlsOf(target);
    const client = new MongoClient(`mongodb://${host}:${port}/`, {
      ...{ auth: { username, password }, authSource: database ?? "admin", directConnection: true },
      ...{ serverSelectionTimeoutMS: SELECTION_MS, connectTimeoutMS: CONNECT_MS, maxPoolSize: 1 },
      ...{ tls: true, ca, checkServerIdentity },
    });
    const close = () => client.close(true).catch(() => undefined);
    try {
      await cutBy(
        signal,
        () => void close(),
        async () => {
          await client.connect();
          await client
            .db(database ?? "admin")
            .listCollections({}, { nameOnly: true })
            .toArray();
        },
      );
    } finally {
      await close();
    }
  },
  isRefusal: (error) => REFUSALS.includes(codeOf(error)),
};
