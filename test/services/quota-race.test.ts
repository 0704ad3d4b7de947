import { describe, expect, it } from "vitest";
import { ApiTokenHasher } from "../../src/domain/api-token-hasher.ts";
import type { Catalog } from "../../src/domain/catalog.ts";
import { DomainError } from "../../src/domain/domain-error.ts";
import { newId } from "../../src/domain/ids.ts";
import { quotaShare } from "../../src/domain/quotas.ts";
import type { WorkflowControl } from "../../src/domain/workflow-control.ts";
import { createServer } from "../../src/services/create-server.ts";
import type { Dependencies } from "../../src/services/dependencies.ts";
import { SecretBox } from "../../src/store/secret-box.ts";
import type { Store } from "../../src/store/store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { AMPLE_QUOTAS } from "../support/ample-limits.ts";
import { createTestStore, query } from "../support/database.ts";
import { sampledRounds } from "../support/fault-sample.ts";
import { createWorld } from "../support/world.ts";

/** Of the statement that decides; of the whole transaction around it; and of a request with all that follows. */
const ROUNDS = { statement: sampledRounds(500), transaction: sampledRounds(500), http: 2 };
const AT_ONCE = 200;
/** Fewer than a pool has connections: a transaction that waits for its turn long has no time of its own left. */
const LANES = 8;
const TIMEOUT_MS = 1_800_000;
const REGION = "us-east-1";

type Sql = <T extends object>(text: string) => Promise<T[]>;

/** One more server than the account has. */
async function leaveRoomForOne(sql: Sql): Promise<void> {
  await sql("UPDATE account_quotas SET servers_limit = servers_used + 1");
}

async function usedAndHeld(sql: Sql): Promise<object | undefined> {
  const [row] = await sql(
    "SELECT servers_used AS used, (SELECT sum(servers)::int FROM quota_holds) AS held FROM account_quotas",
  );
  return row;
}

/** All of them wait for one row: more under way would only wait longer, and give up where the machine is slow. */
async function atOnce<T>(one: (index: number) => Promise<T>): Promise<T[]> {
  const outcomes: T[] = [];
  let next = 0;
  const lane = async () => {
    while (next < AT_ONCE) outcomes.push(await one(next++));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcomes;
}

const ONE_ACCEPTED = { accepted: 1, quota_exceeded: AT_ONCE - 1 };

function counted(outcomes: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

describe(`of ${AT_ONCE} creates, ${LANES} of them at any moment, with room for one, exactly one is accepted`, () => {
  it(`over HTTP, ${ROUNDS.http} times`, { timeout: TIMEOUT_MS }, async () => {
    const world = await createWorld();
    await world.startWorker();
    // The pool opens its connections, which is slow where all are opened at once.
    await atOnce(() => world.api.get("/v1/account"));
    for (let round = 1; round <= ROUNDS.http; round++) {
      await leaveRoomForOne(world.sql);
      const answers = await atOnce((index) => world.api.createServer(`round-${round}-${index}`));
      const outcomes = answers.map(({ status, body }) => (status === 201 ? "accepted" : body.error.code));
      expect(counted(outcomes)).toEqual(ONE_ACCEPTED);
      const accepted = answers.filter(({ status }) => status === 201);
      expect((await world.api.actionEnd(accepted[0]!.body.data.action_id)).status).toBe("succeeded");
      expect(await usedAndHeld(world.sql)).toEqual({ used: round, held: round });
    }
    await world.close();
  });

  it(`by the use-case, ${ROUNDS.transaction} times`, { timeout: TIMEOUT_MS }, async () => {
    const { store, databaseUrl, close } = await createTestStore();
    const sql: Sql = (text) => query(databaseUrl, text);
    const account = await store.transaction(({ accounts }) => accounts.insert(newId("account"), "acme"));
    await store.ipAddresses.load(REGION, [{ first: 0x0a580010, last: 0x0a580010 + ROUNDS.transaction }]);
    const dependencies = useCaseDependencies(store);
    for (let round = 1; round <= ROUNDS.transaction; round++) {
      await leaveRoomForOne(sql);
      const outcomes = await atOnce((index) => accept(dependencies, account.id, `round-${round}-${index}`));
      expect(counted(outcomes)).toEqual(ONE_ACCEPTED);
    }
    expect(await usedAndHeld(sql)).toEqual({ used: ROUNDS.transaction, held: ROUNDS.transaction });
    expect(await sql("SELECT count(*)::int AS servers FROM servers")).toEqual([{ servers: ROUNDS.transaction }]);
    await close();
  });

  it(`by the statement that holds its share, ${ROUNDS.statement} times`, { timeout: TIMEOUT_MS }, async () => {
    const { store, databaseUrl, close } = await createTestStore();
    const sql: Sql = (text) => query(databaseUrl, text);
    const account = await store.transaction(({ accounts }) => accounts.insert(newId("account"), "acme"));
    const share = quotaShare("server", { vcpus: 1, memoryMib: 512 });
    for (let round = 1; round <= ROUNDS.statement; round++) {
      await leaveRoomForOne(sql);
      const held = await atOnce(() => store.quotas.hold(newId("server"), account.id, share, AMPLE_QUOTAS));
      expect(held.filter(Boolean)).toHaveLength(1);
    }
    expect(await usedAndHeld(sql)).toEqual({ used: ROUNDS.statement, held: ROUNDS.statement });
    await close();
  });
});

async function accept(dependencies: Dependencies, accountId: string, name: string): Promise<string> {
  const principal = { accountId, apiKeyId: newId("apiKey"), tokenId: newId("apiKeyToken"), scopes: ["*"] };
  const request = { name, plan: "starter", region: REGION, image: null, sshKeyIds: [], userData: null, labels: {} };
  try {
    await createServer(dependencies, request, { principal, requestId: newId("request"), idempotency: null });
    return "accepted";
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

const CATALOG: Catalog = {
  defaultImage: "debian-12",
  regions: {
    [REGION]: { slug: REGION, name: REGION, images: { "debian-12": "d" }, defaultImage: "debian-12", capacity: null },
  },
  plans: { starter: { slug: "starter", vcpus: 1, memoryMib: 512, diskGib: 10, kinds: ["server"], price: null } },
  images: { "debian-12": { slug: "debian-12", name: "Debian 12" } },
};

/** Temporal is away: what is tried, 100,000 times, is the transaction that accepts. */
function useCaseDependencies(store: Store): Dependencies {
  const away = () => Promise.reject(new Error("Temporal is away"));
  const workflows: WorkflowControl = {
    start: away,
    startCreate: () => Promise.resolve(null),
    cancel: away,
    cancelAndWait: away,
    listRunning: away,
    stateOf: away,
    startAudit: away,
    startRetry: away,
    startOpeningGates: away,
    openGate: away,
    pendingSteps: away,
  };
  return {
    store,
    catalog: CATALOG,
    quotas: AMPLE_QUOTAS,
    workflows,
    workers: { builds: away, setCurrent: away, ramp: away },
    secretBox: new SecretBox(Buffer.alloc(32, 7)),
    apiTokenHasher: new ApiTokenHasher([Buffer.alloc(32, 7)]),
    bootstrapApiKey: null,
    health: { checkTemporal: away, hasWorkflowPollers: away, countRegionPollers: away, queueStates: away },
    logger: createLogger({ level: "silent", name: "test" }),
  };
}
