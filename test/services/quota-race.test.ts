import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { createWorld, type World } from "../support/world.ts";

/** Of the statement that decides; of the whole transaction around it; and, for each quota, of a request with all that follows. */
const ROUNDS = { statement: sampledRounds(500), transaction: sampledRounds(500), http: sampledRounds(170) };
const AT_ONCE = 200;
/** Without an API that lets so many in: fewer than a pool has connections, since a transaction that waits for its turn long has no time of its own left. */
const LANES = 8;
/** Of which a small server takes one each. */
const RACED = ["servers", "vcpus", "addresses"] as const;
/** Codes of a 503 that say nothing about the quota. */
const TO_REPEAT = ["overloaded", "service_unavailable"];
type Raced = (typeof RACED)[number];
const TIMEOUT_MS = 1_800_000;
const REGION = "us-east-1";

type Sql = <T extends object>(text: string) => Promise<T[]>;

/** One more than the account has. */
async function leaveRoomForOne(sql: Sql, raced: Raced): Promise<void> {
  const limits = RACED.map((quota) => `${quota}_limit = ${quota === raced ? `${quota}_used + 1` : "NULL"}`);
  await sql(`UPDATE account_quotas SET ${limits.join()}`);
}

/** What accounts have by their usage, and what resources hold of it. */
async function usedAndHeld(sql: Sql, raced: Raced): Promise<{ used: number; held: number }> {
  const [row] = await sql<{ used: number; held: number }>(
    `SELECT ${raced}_used AS used, (SELECT coalesce(sum(${raced}), 0)::int FROM quota_holds) AS held FROM account_quotas`,
  );
  return row ?? { used: 0, held: 0 };
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

describe(`of ${AT_ONCE} creates sent at once, with room for one, exactly one is accepted`, () => {
  let world: World;
  beforeAll(async () => {
    // One is left over: nobody may be refused for want of it.
    world = await createWorld({ addresses: RACED.length * ROUNDS.http + 1 });
    await world.startWorker();
  });
  afterAll(() => world.close());

  /** As customers do it: who is told that there is too much to do comes again. */
  const create = async (name: string) => {
    for (;;) {
      const answer = await world.api.createServer(name);
      if (answer.status === 201 || !TO_REPEAT.includes(answer.body.error.code)) return answer;
      expect(answer.headers.get("retry-after"), answer.body.error.code).toMatch(/^[1-9]\d*$/);
    }
  };

  it.each(RACED)(`of %s, ${ROUNDS.http} times`, { timeout: TIMEOUT_MS }, async (raced) => {
    for (let round = 1; round <= ROUNDS.http; round++) {
      const before = await usedAndHeld(world.sql, raced);
      await leaveRoomForOne(world.sql, raced);
      const answers = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, index) => create(`${raced}-${round}-${index}`)),
      );
      const outcomes = answers.map(({ status, body }) => (status === 201 ? "accepted" : body.error.code));
      expect(counted(outcomes)).toEqual(ONE_ACCEPTED);
      const accepted = answers.filter(({ status }) => status === 201);
      expect((await world.api.actionEnd(accepted[0]!.body.data.action_id)).status).toBe("succeeded");
      expect(await usedAndHeld(world.sql, raced)).toEqual({ used: before.used + 1, held: before.held + 1 });
    }
  });
});

describe(`of ${AT_ONCE} creates, ${LANES} of them at any moment, with room for one, exactly one is accepted`, () => {
  it(`by the use-case, ${ROUNDS.transaction} times`, { timeout: TIMEOUT_MS }, async () => {
    const { store, databaseUrl, close } = await createTestStore();
    const sql: Sql = (text) => query(databaseUrl, text);
    const account = await store.transaction(({ accounts }) => accounts.insert(newId("account"), "acme"));
    await store.ipAddresses.load(REGION, [{ first: 0x0a580010, last: 0x0a580010 + ROUNDS.transaction }]);
    const dependencies = useCaseDependencies(store);
    for (let round = 1; round <= ROUNDS.transaction; round++) {
      await leaveRoomForOne(sql, "servers");
      const outcomes = await atOnce((index) => accept(dependencies, account.id, `round-${round}-${index}`));
      expect(counted(outcomes)).toEqual(ONE_ACCEPTED);
    }
    expect(await usedAndHeld(sql, "servers")).toEqual({ used: ROUNDS.transaction, held: ROUNDS.transaction });
    expect(await sql("SELECT count(*)::int AS servers FROM servers")).toEqual([{ servers: ROUNDS.transaction }]);
    await close();
  });

  it(`by the statement that holds its share, ${ROUNDS.statement} times`, { timeout: TIMEOUT_MS }, async () => {
    const { store, databaseUrl, close } = await createTestStore();
    const sql: Sql = (text) => query(databaseUrl, text);
    const account = await store.transaction(({ accounts }) => accounts.insert(newId("account"), "acme"));
    const share = quotaShare("server", { vcpus: 1, memoryMib: 512 });
    for (let round = 1; round <= ROUNDS.statement; round++) {
      await leaveRoomForOne(sql, RACED[round % RACED.length] ?? "servers");
      const held = await atOnce(() => store.quotas.hold(newId("server"), account.id, share, AMPLE_QUOTAS));
      expect(held.filter(Boolean)).toHaveLength(1);
    }
    expect(await usedAndHeld(sql, "servers")).toEqual({ used: ROUNDS.statement, held: ROUNDS.statement });
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
    [REGION]: {
      slug: REGION,
      name: REGION,
      host: "local",
      images: { "debian-12": "d" },
      defaultImage: "debian-12",
      capacity: null,
    },
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
