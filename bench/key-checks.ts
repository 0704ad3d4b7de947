import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import pg from "pg";
import { ApiTokenHasher } from "../src/domain/api-token-hasher.ts";
import { createOwnerAccount } from "../src/services/accounts.ts";
import { createAuthenticator } from "../src/services/authenticate.ts";
import { openStore } from "../src/store/store.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import type { Platform } from "./platform.ts";
import { printMeasures } from "./report.ts";
import { percentile } from "./statistics.ts";

const KEYS = 100;
/** Over several of the seconds after which a key has to be looked at anew. */
const SECONDS = 10;
const LOOK_UPS = 2_000;

/** (g) How long a request waits until its API key is checked, in a process that knows it, beside a look into the database by the key's hash. */
export async function benchKeyChecks(platform: Platform): Promise<void> {
  const databaseUrl = await platform.createDatabase("keys");
  const logger = createLogger({ level: "silent", name: "bench" });
  const apiTokenHasher = new ApiTokenHasher([randomBytes(32)]);
  const store = openStore({ databaseUrl, maxConnections: 20, onConnectionError: () => undefined });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tokens: string[] = [];
    for (let n = 0; n < KEYS; n++)
      tokens.push(
        (await createOwnerAccount(store, apiTokenHasher, { name: `bench-${n}`, reason: "a benchmark" })).token,
      );

    const lookUps = await timesOf(
      tokens,
      (_, index) => index >= LOOK_UPS,
      async (token) => {
        const { tokenHash } = apiTokenHasher.hash(token);
        await client.query({
          name: "look",
          text: "SELECT * FROM api_key_tokens WHERE token_hash = $1",
          values: [tokenHash],
        });
      },
    );

    const authenticate = createAuthenticator({ store, apiTokenHasher, bootstrapApiKey: null, logger });
    for (const token of tokens) await authenticate(token);
    const checks = await timesOf(tokens, (sinceMs) => sinceMs >= SECONDS * 1_000, authenticate);

    printMeasures(
      `(g) the check of an API key in use, ${KEYS} keys in turn for ${SECONDS} s: a look by bare pg, the API`,
      [
        {
          name: "until it is checked, median",
          unit: "µs",
          baseline: percentile(lookUps, 50),
          value: percentile(checks, 50),
        },
        {
          name: "until it is checked, 99th percentile",
          unit: "µs",
          value: percentile(checks, 99),
          aim: { atMost: 1_000 },
        },
      ],
    );
  } finally {
    await client.end();
    await store.close();
  }
}

/** Microseconds that each call took, the keys in turn, until it is enough. */
async function timesOf(
  tokens: string[],
  isEnough: (sinceMs: number, index: number) => boolean,
  call: (token: string) => Promise<unknown>,
): Promise<number[]> {
  const startMs = performance.now();
  const times: number[] = [];
  for (let index = 0; !isEnough(performance.now() - startMs, index); index++) {
    const begunMs = performance.now();
    await call(tokens[index % tokens.length] ?? "");
    times.push((performance.now() - begunMs) * 1_000);
    // What was found in the database is taken in between, as between requests.
    if (index % KEYS === 0) await setImmediate();
  }
  return times;
}
