import pg from "pg";
import { Pool } from "undici";
import { startBareExpress } from "./bare-express.ts";
import { CONNECTIONS, type Load, load, type Target } from "./http-load.ts";
import { type Installation, onlyAccount, startInstallation } from "./installation.ts";
import { ACCOUNTS, fillWithServers, SERVERS } from "./large-database.ts";
import type { Platform } from "./platform.ts";
import { rawPerSecond, type Statement, statementOf } from "./raw-pg.ts";
import { type Measure, printMeasures } from "./report.ts";
import { median } from "./statistics.ts";

const TURNS = 100;
const ROUNDS = 5;
const ROUND_S = 4;
const PAGE = 50;
const DEPTH = 10_000;
const LIST = `/v1/servers?per_page=${PAGE}`;

/** (e) Lists and reads of an account with 20,000 servers, among a million: how far down a list costs what, and throughput against a bare Express and bare `pg`. */
export async function benchLargeAccounts(platform: Platform): Promise<void> {
  const installation = await startInstallation(platform, {
    name: "large",
    infrastructure: "sandbox",
    addresses: ["10.88.16.0-10.88.16.255"],
  });
  await installation.stopWorker();
  const accountId = await onlyAccount(installation.databaseUrl);
  const database = new pg.Client({ connectionString: installation.databaseUrl });
  await database.connect();
  try {
    await fillWithServers(database, accountId);
    const title = `${SERVERS.toLocaleString("en")} servers of ${ACCOUNTS.toLocaleString("en")} accounts`;
    printMeasures(
      `(e) ${title}, pages of ${PAGE} of the account with 20,000, one at a time, medians of ${TURNS}`,
      await pageMeasures(installation, database, accountId),
    );
    printMeasures(
      `(e) ${title}, ${CONNECTIONS} connections, reads of different servers and pages, medians of ${ROUNDS} rounds`,
      await throughputMeasures(platform, installation, accountId),
    );
  } finally {
    await database.end();
  }
}

interface Listed {
  data: { id: string }[];
  meta: { pagination: { next_cursor: string | null } };
}

async function get(pool: Pool, { client }: Installation, path: string): Promise<Listed> {
  const answer = await pool.request({ method: "GET", path, headers: client.headers });
  const body = (await answer.body.json()) as Listed;
  if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode} ${JSON.stringify(body)}`);
  return body;
}

/** All are asked in turn, so that whatever else the machine does meets them alike. */
async function pageMeasures(installation: Installation, database: pg.Client, accountId: string): Promise<Measure[]> {
  const pool = new Pool(installation.client.address, { connections: 1 });
  const { meta } = await get(pool, installation, `${LIST}&page=${DEPTH / PAGE}`);
  const pages = {
    first: LIST,
    deep: `${LIST}&cursor=${meta.pagination.next_cursor ?? ""}`,
    byNumber: `${LIST}&page=${DEPTH / PAGE + 1}`,
    suspended: `${LIST}&status=suspended`,
    region: `${LIST}&region=us-west-2`,
    label: `${LIST}&label=tier%3Dweb`,
  };
  const reads: Record<string, () => Promise<unknown>> = {
    ...Object.fromEntries(Object.entries(pages).map(([name, path]) => [name, () => get(pool, installation, path)])),
    count: () =>
      database.query("SELECT count(*) FROM servers WHERE account_id = $1 AND deleted_at IS NULL", [accountId]),
    total: () =>
      database.query("SELECT sum(change) FROM resource_counts WHERE account_id = $1 AND kind = 'server'", [accountId]),
  };
  const times = new Map<string, number[]>(Object.keys(reads).map((name) => [name, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [name, read] of Object.entries(reads)) {
      const startedAt = performance.now();
      await read();
      times.get(name)?.push(performance.now() - startedAt);
    }
  }
  await pool.close();
  const ms = (name: string) => median(times.get(name) ?? []);
  const against = (name: string, of: string): Measure => ({ name, unit: "ms", baseline: ms("first"), value: ms(of) });
  return [
    { ...against(`page ${DEPTH.toLocaleString("en")} rows deep by cursor: first page`, "deep"), aim: { atMost: 1.5 } },
    against("the same page by its number: first page", "byNumber"),
    against("first page of a status that one in 20 has: first page", "suspended"),
    against("first page of a region that one in 3 has: first page", "region"),
    against("first page of a label that one in 10 has: first page", "label"),
    {
      name: "total, as a statement: count(*)",
      unit: "ms",
      baseline: ms("count"),
      value: ms("total"),
      aim: { atMost: 0.5 },
    },
  ];
}

async function throughputMeasures(
  platform: Platform,
  installation: Installation,
  accountId: string,
): Promise<Measure[]> {
  const { client, databaseUrl } = installation;
  const places = await placesOf(installation);
  const ids = places.map(({ id }) => id);
  const ofApi = (paths: string[]): Target => ({ url: client.address, headers: client.headers, paths });
  const hello = await startBareExpress(platform);
  const byId = ofApi(ids.map((id) => `/v1/servers/${id}`));
  const list = ofApi(places.map(({ cursor }) => `${LIST}&cursor=${cursor}`));
  const raw = await rawStatements(accountId, ids);

  const measured: Record<string, () => Promise<number>> = {
    ...Object.fromEntries(
      Object.entries({ hello, byId, list }).map(([name, target]) => [name, () => requestsPerSecond(target)]),
    ),
    rawById: () => rawPerSecond(databaseUrl, raw.byId, CONNECTIONS, ROUND_S),
    rawList: () => rawPerSecond(databaseUrl, raw.list, CONNECTIONS, ROUND_S),
  };
  const figures = new Map<string, number[]>(Object.keys(measured).map((name) => [name, []]));
  for (const measure of Object.values(measured)) await measure();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of Object.entries(measured)) figures.get(name)?.push(await measure());
  }
  const perSecond = (name: string) => median(figures.get(name) ?? []);
  const against = (name: string, baseline: string, of: string): Measure => ({
    ...{ name, unit: "1/s", baseline: perSecond(baseline), value: perSecond(of) },
  });
  return [
    { ...against("GET by id: bare Express", "hello", "byId"), aim: { atLeast: 0.45 } },
    against("GET by id: the statement by bare pg", "rawById", "byId"),
    against(`list of ${PAGE}: bare Express`, "hello", "list"),
    against(`list of ${PAGE}: the statement by bare pg`, "rawList", "list"),
  ];
}

async function requestsPerSecond(target: Target): Promise<number> {
  const { perSecond }: Load = await load(target, ROUND_S);
  return perSecond;
}

/** Servers all over the account's list, each with the cursor that reads on after it. */
async function placesOf(installation: Installation): Promise<{ id: string; cursor: string }[]> {
  const pool = new Pool(installation.client.address, { connections: 1 });
  const places: { id: string; cursor: string }[] = [];
  for (let page = 1; page <= 350; page++) {
    const { data, meta } = await get(pool, installation, `${LIST}&page=${page}`);
    places.push({ id: data.at(-1)?.id ?? "", cursor: meta.pagination.next_cursor ?? "" });
  }
  await pool.close();
  return places;
}

/** What the API sends for those reads, when nobody else asks at the same moment. */
async function rawStatements(accountId: string, ids: string[]): Promise<{ byId: Statement[]; list: Statement[] }> {
  const all = { status: null, region: null, name: null, label: null };
  const list = (offset: number) =>
    statementOf((reads) =>
      reads.list(accountId, all, { after: { createdAt: new Date(Date.now() - offset), id: "srv_" } }, PAGE),
    );
  return {
    byId: await Promise.all(ids.map((id) => statementOf((reads) => reads.find(id, accountId)))),
    list: await Promise.all(ids.map((_, index) => list(index * 2_000_000))),
  };
}
