import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/api/endpoint.ts";
import { SCOPES, type Scope } from "../../src/api/scopes.ts";
import { newApiToken } from "../../src/domain/api-token.ts";
import { newId } from "../../src/domain/ids.ts";
import { addAccount, addOperatorKey } from "../support/accounts.ts";
import { ApiClient, type Data } from "../support/api-client.ts";
import {
  ENDPOINTS,
  holdCreates,
  type IdKind,
  isForOperators,
  knowSampleBuild,
  made,
  makeOne,
  makeSubject,
  type Sent,
  sampleBody,
  send,
  TRACES,
} from "../support/endpoint-calls.ts";
import { sampled } from "../support/fault-sample.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/**
 * Every call of the API, as everybody. The rows come from the list that the router is made of, what each may do from its scopes: a new call is in the matrix without
 * being named here, and fails it if there is nothing to call it on.
 */

/** Of what is listed there has to be something. */
const ALWAYS = ["GET /v1/servers/:id", "GET /v1/databases/:id"];
const SAMPLE = sampled("authorization", ENDPOINTS);
const TRIED = ENDPOINTS.filter((endpoint) => SAMPLE.includes(endpoint) || ALWAYS.includes(endpoint.name));

let world: World;
let other: ApiClient;
let operator: ApiClient;
/** The token of each actor; null sends none. The key without the scope is one for every set of scopes. */
const tokens: Record<string, string | null> = { owner: API_KEY, none: null };
/** By endpoint: what it is tried on. */
const subjects = new Map<string, string>();
/** Ids and names of the owner, which nobody else may ever read. */
const secrets: string[] = [];
let ownerSshKey = "";

const REFUSED_ACTORS = ["expired", "revoked", "malformed", "none"] as const;
/** `operator` has full access to the owner's account, and the scope `operator`. */
const ACTORS = [...REFUSED_ACTORS, "without the scope", "read-only", "other account", "operator", "owner"] as const;
type Actor = (typeof ACTORS)[number];

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  await world.enginesOffered();
  tokens["other account"] = await addAccount(world, "other");
  other = new ApiClient(world.api.address, tokens["other account"]);
  tokens["operator"] = await addOperatorKey(world);
  operator = new ApiClient(world.api.address, tokens["operator"]);
  await holdCreates(world);
  await knowSampleBuild(world);
  await makeKeys();
  await makeSubjects();
});
afterAll(() => world.close());

async function makeKeys(): Promise<void> {
  const make = async (name: string, scopes: string[]) =>
    made(await world.api.call("POST", "/v1/api_keys", { name, scopes })) as Data & { token: string };
  const all = Object.keys(SCOPES).filter((scope) => scope !== "operator");
  tokens["read-only"] = (await make("read-only", all.filter(isReading))).token;
  for (const { endpoint } of ENDPOINTS) {
    const key = withoutScopeOf(endpoint);
    const scopes = all.filter((scope) => !scopesOf(endpoint).includes(scope as Scope));
    tokens[key] ??= (await make(`without-${Object.keys(tokens).length}`, scopes)).token;
  }
  // Never used before their end, so that no process knows them as good.
  const [expired, revoked] = [await make("expired", ["*"]), await make("revoked", ["*"])];
  await world.sql("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [expired.id]);
  expect((await world.api.call("DELETE", `/v1/api_keys/${revoked.id}`)).status).toBe(200);
  Object.assign(tokens, { expired: expired.token, revoked: revoked.token, malformed: mistyped(newApiToken()) });
}

let subjectsMade = 0;

/** Reads share one of a kind, every change has its own: what the owner's call does to it is no other row's matter. */
async function makeSubjects(): Promise<void> {
  const shared = new Map<IdKind, Promise<string>>();
  const secret = async (make: (name: string) => Promise<string>) => {
    const name = `secret-${++subjectsMade}`;
    const id = await make(name);
    secrets.push(id, `"${name}"`);
    return id;
  };
  ownerSshKey = await secret((name) => makeOne("sshKey", world.api, name));
  await Promise.all(
    TRIED.map(async ({ endpoint, name }) => {
      const { id, method } = endpoint;
      if (id === undefined) return;
      // What operators call is no account's, or any account's.
      if (isForOperators(endpoint)) {
        return void subjects.set(name, await makeSubject(endpoint, operator, `operated-${++subjectsMade}`));
      }
      const make = () => secret((of) => makeSubject(endpoint, world.api, of));
      if (method === "get" && !shared.has(id)) shared.set(id, make());
      subjects.set(name, await (method === "get" ? (shared.get(id) ?? "") : make()));
    }),
  );
}

/** None where every key will do, or no key is asked for. */
function scopesOf({ scopes }: Endpoint): readonly Scope[] {
  return scopes === null || scopes === "any" ? [] : scopes;
}

function withoutScopeOf(endpoint: Endpoint): string {
  return `without ${scopesOf(endpoint).join() || "any"}`;
}

function isReading(scope: string): boolean {
  return scope.endsWith(":read");
}

function mistyped(token: string): string {
  return token.slice(0, -1) + (token.endsWith("x") ? "y" : "x");
}

function call(endpoint: Endpoint, token: string | null, id: string): Promise<Sent> {
  return send(endpoint, world.api.address, { token, id, body: sampleBody(endpoint, ownerSshKey) });
}

/** What must be the answer, by rule. */
function expected(endpoint: Endpoint, actor: Actor): number[] {
  const success = Object.keys(endpoint.answers)
    .map(Number)
    .filter((status) => status < 300);
  const { scopes } = endpoint;
  if (scopes === null || actor === "operator") return success;
  if (REFUSED_ACTORS.some((refused) => refused === actor)) return [401];
  // Full access to an account is none to the installation.
  if (isForOperators(endpoint)) return [403];
  if (scopes === "any" || actor === "owner") return success;
  if (actor === "without the scope") return [403];
  if (actor === "read-only") return scopes.some(isReading) ? success : [403];
  if (endpoint.id !== undefined) return [404];
  return JSON.stringify(sampleBody(endpoint, ownerSshKey)).includes(ownerSshKey) ? [400] : success;
}

function traces(): Promise<unknown> {
  return world.sql(TRACES);
}

function tokenOf(actor: Actor, endpoint: Endpoint): string | null {
  const token = tokens[actor === "without the scope" ? withoutScopeOf(endpoint) : actor];
  if (token === undefined) throw new Error(`no key for ${actor}`);
  return token;
}

describe.each(TRIED)("$name", ({ endpoint, name }) => {
  // The owner comes last: the others meet what there is. What only one may change, the operator leaves to the owner.
  it.each(ACTORS)("as %s", async (actor) => {
    if (actor === "operator" && !isForOperators(endpoint) && endpoint.method !== "get") return;
    const before = await traces();
    const answer = await call(endpoint, tokenOf(actor, endpoint), subjects.get(name) ?? "");
    expect(expected(endpoint, actor), answer.text).toContain(answer.status);
    if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    if (answer.status === 403) expect(answer.text).toContain(scopesOf(endpoint)[0]);
    if (answer.status >= 400) expect(await traces()).toEqual(before);
    if (actor === "other account") {
      const readable = answer.status === 400 ? answer.text.replaceAll(ownerSshKey, "") : answer.text;
      expect(secrets.filter((secret) => readable.includes(secret))).toEqual([]);
    }
  });
});

describe("the scope operator", () => {
  const create = (token: string | null | undefined, name: string, scopes: string[]) =>
    new ApiClient(world.api.address, token ?? "").call("POST", "/v1/api_keys", { name, scopes });

  it("is nothing that a key with full access can give, and something that an operator's can", async () => {
    expect((await create(tokens["owner"], "wants-more", ["operator"])).body.error).toMatchObject({
      code: "forbidden",
      details: [{ field: "scopes[0]", issue: "this key lacks operator" }],
    });
    expect((await create(tokens["operator"], "operator-2", ["operator"])).status).toBe(201);
  });

  it("can't be had by rolling an operator's key", async () => {
    const keys = await world.api.list("/v1/api_keys?per_page=100");
    const { id = "" } = keys.find(({ name }) => name === "operator") ?? {};
    expect((await world.api.call("POST", `/v1/api_keys/${id}/roll`, {})).status).toBe(403);
  });
});

describe("what belongs to another account", () => {
  const withId = TRIED.filter(({ endpoint }) => endpoint.id !== undefined && !isForOperators(endpoint));

  it.each(withId)("$name answers as for an id that never was", async ({ endpoint, name }) => {
    const token = tokenOf("other account", endpoint);
    const [theirs, nobodys] = [
      await call(endpoint, token, subjects.get(name) ?? ""),
      await call(endpoint, token, newId(endpoint.id ?? "server")),
    ];
    const error = ({ text }: Sent) => (JSON.parse(text) as { error: object }).error;
    expect(error(theirs)).toEqual(error(nobodys));
  });

  it("is no SSH key that a server could be given: the answer is that of a key that never was", async () => {
    const issue = async (id: string) => {
      const { status, body } = await other.createServer("mine", { ssh_keys: [id] });
      return { status, text: JSON.stringify(body.error).replaceAll(id, "") };
    };
    expect(await issue(ownerSshKey)).toEqual(await issue(newId("sshKey")));
  });

  it.each(["servers", "databases"])("is not counted or found by a filter of /v1/%s, nor by a cursor", async (kind) => {
    const mine = await world.api.get(`/v1/${kind}?per_page=1`);
    const { name = "", region = "" } = (mine.body.data as unknown as Record<string, string>[])[0] ?? {};
    const cursor = (mine.body.meta.pagination as unknown as { next_cursor: string }).next_cursor;
    for (const filter of [`name=${name}`, `name=${name}&region=${region}`, `label=secret%3D${name}`]) {
      const found = await other.get(`/v1/${kind}?${filter}`);
      expect(found.body).toMatchObject({ data: [], meta: { pagination: { total: 0 } } });
    }
    const further = await other.get(`/v1/${kind}?cursor=${cursor}`);
    expect(secrets.filter((secret) => JSON.stringify(further.body).includes(secret))).toEqual([]);
  });

  it("holds no name and no Idempotency-Key: the same are free in every account", async () => {
    const headers = { "Idempotency-Key": "the-same" };
    const first = made(await world.api.createServer("twin", {}, headers));
    const answer = await other.createServer("twin", {}, headers);
    expect(answer.headers.get("idempotent-replayed")).toBeNull();
    expect(made(answer).id).not.toBe(first.id);
  });
});
