import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { everyRow } from "../support/database.ts";
import { TRACES } from "../support/endpoint-calls.ts";
import { sampled } from "../support/fault-sample.ts";
import { DOUBLED_KEY, HOSTILE_BODIES } from "../support/hostile/bodies.ts";
import type { HostileText } from "../support/hostile/hostile-text.ts";
import { HOSTILE_LABEL_KEYS, HOSTILE_LABEL_VALUES } from "../support/hostile/labels.ts";
import { HOSTILE_NAMES } from "../support/hostile/names.ts";
import { BARE_SECRETS, PRIVATE_KEYS, secretPieces } from "../support/hostile/private-keys.ts";
import { HOSTILE_PUBLIC_KEYS } from "../support/hostile/public-keys.ts";
import { HOSTILE_TRUSTED_SOURCES } from "../support/hostile/trusted-sources.ts";
import { HOSTILE_USER_DATA } from "../support/hostile/user-data.ts";
import { newPublicKey } from "../support/ssh-keys.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/**
 * What is hostile is refused, with the field and the rule that it breaks and without being repeated, and leaves no trace; or it is kept as it came. Every text of the tables
 * is sent to every field that it could be in. What the accepted ones become: hostile-guests.test.ts, here and on real Incus in test/e2e.
 */

const logLines: string[] = [];
let world: World;
/** One for all the looks at the rows: there are thousands. */
let connection: pg.Client;
/** What a PATCH is tried on. */
const subjects = { servers: "", databases: "" };
let others = 0;

beforeAll(async () => {
  world = await createWorld({ logLines });
  connection = new pg.Client({ connectionString: world.config.databaseUrl });
  await connection.connect();
  await world.startWorker();
  await world.enginesOffered();
  const database = await world.api.createDatabase("subject");
  const server = await world.api.createServer("subject");
  Object.assign(subjects, { servers: server.body.data.id, databases: database.body.data.id });
  await world.api.actionEnd(database.body.data.action_id);
  await world.api.actionEnd(server.body.data.action_id);
});
afterAll(async () => {
  await connection.end();
  await world.close();
});

/** What a request could have changed. */
async function state(): Promise<unknown[]> {
  const traces = await connection.query(TRACES);
  const databases = await connection.query("SELECT name, labels, trusted_sources FROM databases");
  const servers = await connection.query("SELECT name, labels FROM servers");
  return [traces.rows, databases.rows, servers.rows];
}

interface Field {
  /** A call with the text in this field. */
  call: [method: string, path: string];
  field: string;
  table: HostileText[];
  body: (text: string) => object;
  /** What the answer shows of it; undefined: it is never shown. */
  shown?: (data: Record<string, unknown>) => unknown;
}

const SERVER = { plan: "starter", region: "us-east-1" };
const DATABASE = { engine: "postgresql", plan: "standard", region: "us-east-1" };
const named = (name: string) => ({ name });
const other = () => `other-${++others}`;
const nameOf = (data: Record<string, unknown>) => data["name"];
const labelOf = (key: string) => (data: Record<string, unknown>) => (data["labels"] as Record<string, string>)[key];
const firstSource = (data: Record<string, unknown>) => (data["trusted_sources"] as string[])[0];

/** JSON would leave a `__proto__` out that is written as a property. */
function labelled(key: string): Record<string, string> {
  return Object.fromEntries([[key, "value"]]);
}

const FIELDS: Field[] = [
  {
    call: ["POST", "/v1/ssh_keys"],
    field: "public_key",
    table: HOSTILE_PUBLIC_KEYS,
    body: (text) => ({ name: other(), public_key: text }),
    shown: (data) => data["public_key"],
  },
  {
    call: ["POST", "/v1/ssh_keys"],
    field: "name",
    table: HOSTILE_NAMES,
    body: (text) => ({ name: text, public_key: newPublicKey() }),
    shown: nameOf,
  },
  {
    call: ["POST", "/v1/api_keys"],
    field: "name",
    table: HOSTILE_NAMES,
    body: (text) => ({ name: text, scopes: ["servers:read"] }),
    shown: nameOf,
  },
  {
    call: ["POST", "/v1/servers?dry_run=true"],
    field: "name",
    table: HOSTILE_NAMES,
    body: (text) => ({ ...SERVER, name: text }),
    shown: nameOf,
  },
  {
    call: ["POST", "/v1/databases?dry_run=true"],
    field: "name",
    table: HOSTILE_NAMES,
    body: (text) => ({ ...DATABASE, name: text }),
    shown: nameOf,
  },
  { call: ["PATCH", "/v1/servers/:id"], field: "name", table: HOSTILE_NAMES, body: named, shown: nameOf },
  { call: ["PATCH", "/v1/databases/:id"], field: "name", table: HOSTILE_NAMES, body: named, shown: nameOf },
  {
    call: ["POST", "/v1/servers?dry_run=true"],
    field: "labels.env",
    table: HOSTILE_LABEL_VALUES,
    body: (text) => ({ ...SERVER, name: other(), labels: { env: text } }),
    shown: labelOf("env"),
  },
  ...["/v1/servers/:id", "/v1/databases/:id"].flatMap((path): Field[] => [
    {
      call: ["PATCH", path],
      field: "labels.env",
      table: HOSTILE_LABEL_VALUES,
      body: (text) => ({ labels: { env: text } }),
      shown: labelOf("env"),
    },
    {
      call: ["PATCH", path],
      field: "labels",
      table: HOSTILE_LABEL_KEYS,
      body: (text) => ({ labels: labelled(text) }),
      shown: (data) => Object.keys(data["labels"] as object)[0],
    },
  ]),
  {
    call: ["POST", "/v1/servers?dry_run=true"],
    field: "user_data",
    table: HOSTILE_USER_DATA,
    body: (text) => ({ ...SERVER, name: other(), user_data: text }),
  },
  {
    call: ["POST", "/v1/databases?dry_run=true"],
    field: "trusted_sources[0]",
    table: HOSTILE_TRUSTED_SOURCES,
    body: (text) => ({ ...DATABASE, name: other(), trusted_sources: [text] }),
    shown: firstSource,
  },
];

describe.each(FIELDS)("$field of $call.0 $call.1", ({ call: [method, path], field, table, body, shown }) => {
  // The keys and names that the last tests look for are sent in every run.
  const tried = path === "/v1/ssh_keys" ? table : sampled(`${field} of ${method} ${path}`, table);
  it.each(tried)("$what", async ({ text, expected }) => {
    const before = await state();
    const answer = await world.api.call(
      method,
      path.replace(":id", path.startsWith("/v1/servers") ? subjects.servers : subjects.databases),
      body(text),
    );
    if ("refused" in expected) {
      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBe("validation_failed");
      expect(answer.body.error.details).toEqual([{ field, issue: expect.stringContaining(expected.refused) }]);
      expect(await state()).toEqual(before);
      for (const piece of secretPieces(text)) expect(JSON.stringify(answer.body)).not.toContain(piece);
    } else {
      expect([200, 201]).toContain(answer.status);
      expect(shown?.(answer.body.data as never)).toBe(shown && expected.kept);
    }
  });
});

function send(path: string, body: string | Buffer): Promise<Response> {
  const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
  return contractFetch(world.api.address + path, { method: "POST", headers, body: body as string });
}

describe("a body of POST /v1/servers", () => {
  it.each(sampled("bodies", HOSTILE_BODIES))("with $what", async ({ path, body, expected }) => {
    const before = await state();
    const answer = await send(path, body);
    const { error } = (await answer.json()) as { error: { code: string; details: { field: string }[] } };
    const fields = error.details.map((detail) => detail.field);
    expect({ status: answer.status, code: error.code, fields }).toEqual({ status: 400, ...expected });
    expect(await state()).toEqual(before);
  });

  it(`with ${DOUBLED_KEY.what}`, async () => {
    const answer = await send(DOUBLED_KEY.path, DOUBLED_KEY.body);
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ data: { name: "doubled" } });
  });
});

describe("a private key that was sent", () => {
  it.each(Object.entries({ ...PRIVATE_KEYS, ...BARE_SECRETS }))(
    "%s is in no row and in no line of the log",
    async (_what, secret) => {
      const pieces = secretPieces(secret);
      expect(pieces.length).toBeGreaterThan(0);
      const rows = await everyRow(world.sql);
      const log = logLines.join("");
      // What is there is found, so what is not found is not there.
      expect(rows).toContain("hasOwnProperty");
      expect(log).toContain("validation_failed");
      for (const piece of pieces) {
        expect(rows.includes(piece)).toBe(false);
        expect(log.includes(piece)).toBe(false);
      }
    },
  );
});
