import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EngineGuest } from "../../scripts/platform/engines/engine-guest.ts";
import type { EngineName } from "../../scripts/platform/engines/engine-session.ts";
import { run } from "../../scripts/platform/run.ts";
import type { Credentials } from "../support/api-client.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import { documentedFeatures, triedFeatures } from "../support/mongodb-features.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { waitUntil } from "../support/wait.ts";

const [REGION] = E2E_REGIONS;
/** Beside the addresses that the region hands out. */
const CLIENT_ADDRESS = REGION.gateway.replace(/\d+$/, "230");

/** Programs that were not written here, as they come with each engine, run in a guest beside the database: what they need is in the engine's image. */
const PROGRAMS: { engine: EngineName; version: string; image: string; commands: Command[] }[] = [
  {
    engine: "postgresql",
    version: "17",
    image: "cloudnexus/postgresql-17",
    commands: [
      {
        line: "pgbench --initialize --scale=10 --quiet",
        environment: libpq,
        proof: /done in/,
      },
      {
        line: "pgbench --client=4 --time=5",
        environment: libpq,
        proof: /number of failed transactions: 0 [\s\S]*tps = [1-9]/,
      },
    ],
  },
  {
    engine: "redis",
    version: "8",
    image: "cloudnexus/redis-8",
    commands: [
      {
        line: 'redis-benchmark --tls --cacert /root/ca.pem -h "$HOST" --user app -a "$PASSWORD" -n 5000 -c 10 -t set,get,lpush,zadd --csv',
        environment: plain,
        proof: /"SET"[\s\S]*"GET"[\s\S]*"LPUSH"[\s\S]*"ZADD"/,
      },
    ],
  },
  {
    engine: "mysql",
    version: "9",
    image: "cloudnexus/mysql-9",
    commands: [
      {
        line: 'mysqlslap --host="$HOST" --user=app --ssl-ca=/root/ca.pem --ssl-mode=VERIFY_IDENTITY --create-schema=app --auto-generate-sql --concurrency=4 --number-of-queries=400 --auto-generate-sql-write-number=50',
        environment: ({ host, password }) => ({ HOST: host, MYSQL_PWD: password }),
        proof: /Average number of seconds to run all queries/,
      },
    ],
  },
];

interface Command {
  line: string;
  environment: (credentials: Credentials) => Record<string, string>;
  /** What it prints when all went well. */
  proof: RegExp;
}

function libpq({ host, port, user, password, database }: Credentials): Record<string, string> {
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database ?? "",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: "/root/ca.pem",
  };
}

function plain({ host, password }: Credentials): Record<string, string> {
  return { HOST: host, PASSWORD: password };
}

let world: RealWorld;

async function createDatabase(engine: EngineName, version: string): Promise<string> {
  const body = { name: `compatible-${engine}`, engine, version, plan: "standard", region: REGION.slug };
  const database = (await world.api.call("POST", "/v1/databases", body)).body.data;
  expect((await world.api.actionEnd(database.action_id)).status).toBe("succeeded");
  return database.id;
}

async function deleteDatabase(id: string): Promise<void> {
  const deletion = await world.api.deleteDatabase(id);
  await world.api.actionEnd(deletion.body.data.id);
}

beforeAll(async () => {
  world = await createRealWorld();
  await world.startWorker();
  await world.enginesOffered();
});
afterAll(() => world.close());

describe.each(PROGRAMS)("$engine $version", ({ engine, version, image, commands }) => {
  let guest: EngineGuest;
  let databaseId: string;

  beforeAll(async () => {
    databaseId = await createDatabase(engine, version);
    const placement = { project: REGION.project, network: REGION.network, address: CLIENT_ADDRESS };
    guest = new EngineGuest({
      ...{ name: `e2e-client-${engine}`, image, ...placement },
      ...{ gateway: REGION.gateway, prefixLength: REGION.prefixLength, memoryMib: 512, vcpus: 1 },
    });
    await guest.create();
    await guest.start();
    await waitUntil("the guest has its address", async () =>
      (await guest.execute("networkctl", "--no-legend", "list", "eth0").catch(() => "")).includes("configured"),
    );
  });
  afterAll(async () => {
    await guest.remove();
    await deleteDatabase(databaseId);
  });

  it.each(commands)("serves $line over verified TLS", async ({ line, environment, proof }) => {
    const credentials = await world.api.credentials(databaseId);
    await guest.writeFile("/root/ca.pem", credentials.ca_certificate);
    const variables = Object.entries(environment(credentials)).flatMap(([name, value]) => [
      "--env",
      `${name}=${value}`,
    ]);
    const exec = ["exec", `e2e-client-${engine}`, "--project", REGION.project, ...variables];
    expect(await run("incus", [...exec, "--", "sh", "-c", `${line} 2>&1`])).toMatch(proof);
  });
});

describe("mongodb", () => {
  let databaseId: string;

  beforeAll(async () => {
    databaseId = await createDatabase("mongodb", "7.0");
  });
  afterAll(() => deleteDatabase(databaseId));

  it("can for PyMongo what docs/databases.md says, and can't what it says", async () => {
    const credentials = await world.api.credentials(databaseId);
    expect(await triedFeatures(credentials)).toEqual(await documentedFeatures());
  });
});
