import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Auditor, createAuditor } from "../support/audits.ts";
import {
  ENDPOINTS,
  type IdKind,
  isForOperators,
  knowSampleBuild,
  makeOne,
  sampleBody,
  send,
} from "../support/endpoint-calls.ts";
import { manyRows, ONE_ACCOUNT, SMALL_TABLES } from "../support/many-rows.ts";
import { type SentStatement, watchStatements } from "../support/sent-statements.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/**
 * Every statement that API and worker send, as PostgreSQL plans it where there are many rows: for the values it was sent with, and for any. The statements are those
 * that are really sent while every call of the API is made, every filter of the lists is used and a sweep runs: a new one is looked at without being named here.
 */

const SERVERS = Number(process.env["PLANS_SERVERS"] ?? "100000");
/** Of a list: what its filters are tried with. */
const FILTERS: Record<string, string> = {
  status: "failed",
  region: "eu-west-2",
  name: "many-5",
  label: "tier=web",
  engine: "redis",
  type: "create",
  resource_type: "server",
  resource_id: `srv_${"a".repeat(20)}2345`,
  page: "120",
  per_page: "50",
  account_id: ONE_ACCOUNT,
  step: "create_instance",
  error_code: "infrastructure_error",
  older_than: "600",
  younger_than: "6000",
  include_released: "true",
};

/** Its statuses are others. */
const ACCOUNTS = "/v1/operator/accounts";

/** What only an operator makes. */
const OPERATORS: IdKind[] = ["audit", "retry", "hold", "account"];

/** Some hundred thousand rows and some hundred calls, on a machine that may have other things to do. */
const SET_UP_TIMEOUT_MS = Math.max(600_000, 3 * SERVERS);

let world: World;
let auditor: Auditor;
let statements: SentStatement[];

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
  auditor = await createAuditor(world, SET_UP_TIMEOUT_MS);
  await knowSampleBuild(world);
  const [account] = await world.sql<{ id: string }>("SELECT id FROM accounts");
  for (const { text, values } of manyRows({ servers: SERVERS, largeAccount: account?.id ?? "" })) {
    await world.sql(text, values);
  }
  const { sent, stop } = watchStatements(world.environment["DATABASE_URL"] ?? "");
  await callEverything();
  await waitUntil("a sweep has run", () =>
    [...sent.keys()].some((text) => /FROM .*actions.*started_at.? IS NULL/s.test(text)),
  );
  // Of rows that have no infrastructure: everything differs.
  await auditor.audit();
  stop();
  statements = [...sent.values()].filter(({ text }) => /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text));
}, SET_UP_TIMEOUT_MS);
afterAll(() => world.close());

async function callEverything(): Promise<void> {
  const sshKeyId = await makeOne("sshKey", world.api, "plans-key");
  let calls = 0;
  const readable = new Map<IdKind, string>();
  /** Reads share one of a kind, every change has its own. */
  const subject = async (kind: IdKind, isRead: boolean) => {
    const of = OPERATORS.includes(kind) ? auditor.api : world.api;
    const id = (isRead && readable.get(kind)) || (await makeOne(kind, of, `plans-${++calls}`));
    if (isRead) readable.set(kind, id);
    return id;
  };
  for (const { endpoint, name } of ENDPOINTS) {
    const id = endpoint.id === undefined ? "" : await subject(endpoint.id, endpoint.method === "get");
    const call = (query?: string) =>
      send(endpoint, world.api.address, {
        ...{ token: isForOperators(endpoint) ? auditor.token : API_KEY, id, body: sampleBody(endpoint, sshKeyId) },
        ...(query === undefined ? {} : { query }),
        headers: endpoint.method === "get" ? {} : { "idempotency-key": `plans-${++calls}` },
      });
    expect((await call()).status, name).toBeLessThan(300);
    const filters = endpoint.path === ACCOUNTS ? { ...FILTERS, status: "suspended" } : FILTERS;
    for (const query of queriesOf(endpoint.query, filters))
      expect((await call(query)).status, `${name}?${query}`).toBeLessThan(300);
    if (endpoint.query && "cursor" in endpoint.query.shape) await readOn(call);
  }
}

/** Each parameter alone that a list takes, and each two together. */
function queriesOf(query: { shape: object } | undefined, filters: Record<string, string>): string[] {
  const names = Object.keys(query?.shape ?? {}).filter((name) => name !== "cursor");
  if (!names.includes("page")) return [];
  const unknown = names.filter((name) => filters[name] === undefined);
  if (unknown.length > 0) throw new Error(`add to FILTERS: ${unknown.join()}`);
  const one = names.map((name) => `${name}=${filters[name] ?? ""}`);
  return one.flatMap((first, index) => [first, ...one.slice(index + 1).map((second) => `${first}&${second}`)]);
}

/** By cursor, with each filter that leaves a second page. */
async function readOn(call: (query: string) => Promise<{ text: string }>): Promise<void> {
  for (const filter of ["", "&status=failed", "&region=eu-west-2", "&label=tier=web"]) {
    const { data, meta } = JSON.parse((await call(`per_page=2${filter}`)).text) as Listed;
    // A list without this filter refuses it.
    if (data === undefined || !meta.pagination?.next_cursor) continue;
    await call(`per_page=2&cursor=${meta.pagination.next_cursor}${filter}`);
  }
}

interface Listed {
  data?: unknown[];
  meta: { pagination?: { next_cursor: string | null } };
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Cond"?: string;
  Plans?: PlanNode[];
}

/** Read whole on purpose: operators look at it now and then, and it is as large as the regions were configured. */
const ADDRESSES_COUNTED = "count(resource_id)::int AS held";

/** The tables that a plan reads from end to end. */
async function scanned(statement: SentStatement, options: string): Promise<string[]> {
  const isGeneric = options.includes("GENERIC_PLAN");
  const [row] = await world.sql<{ "QUERY PLAN": { Plan: PlanNode }[] }>(
    `EXPLAIN (FORMAT JSON${options}) ${statement.text}`,
    isGeneric ? [] : statement.values,
  );
  const scans = (node: PlanNode): string[] => [
    ...(node["Node Type"] === "Seq Scan" ? [node["Relation Name"] ?? "?"] : []),
    ...(node.Plans ?? []).flatMap(scans),
  ];
  return (row?.["QUERY PLAN"] ?? [])
    .flatMap(({ Plan }) => scans(Plan))
    .filter((table) => !SMALL_TABLES.includes(table));
}

describe("with many rows", () => {
  it("every table that grows with use is filled", async () => {
    const tables = await world.sql<{ name: string }>(
      "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples < 1000",
    );
    expect(
      tables
        .map(({ name }) => name)
        .filter((name) => name !== "_prisma_migrations")
        .sort(),
    ).toEqual(SMALL_TABLES);
  });

  it.each([
    ["for the values it was sent with", ""],
    ["for any values", ", GENERIC_PLAN"],
  ])(
    "no statement reads a table from end to end, planned %s",
    { timeout: SET_UP_TIMEOUT_MS },
    async (_how, options) => {
      const wrong: object[] = [];
      for (const statement of statements) {
        const tables = await scanned(statement, options);
        const isMeant = statement.text.includes(ADDRESSES_COUNTED);
        if (tables.length > 0 && !isMeant) wrong.push({ tables, text: statement.text });
      }
      expect(wrong).toEqual([]);
      // The lists alone are more.
      expect(statements.length).toBeGreaterThan(60);
    },
  );

  it("putting counts together doesn't either", async () => {
    const [body] = await world.sql<{ prosrc: string }>(
      "SELECT prosrc FROM pg_proc WHERE proname = 'fold_resource_counts'",
    );
    const text = (body?.prosrc ?? "").replaceAll('"of_account"', "$1").replaceAll('"of_kind"', "$2");
    expect(await scanned({ text: text.replace(";", ""), values: [ONE_ACCOUNT, "server"] }, "")).toEqual([]);
  });
});
