import { expect } from "vitest";
import type { Endpoint } from "../../src/api/endpoint.ts";
import { allEndpoints } from "../../src/api/endpoints.ts";
import { SSH_KEY, WORKER_BUILD } from "../../src/api/examples.ts";
import { sampleQuery } from "../../src/api/openapi/sample-request.ts";
import type { ApiClient, Data } from "./api-client.ts";
import { contractFetch } from "./contract/contract-fetch.ts";
import { newPublicKey } from "./ssh-keys.ts";
import type { World } from "./world.ts";

/** Every call of the API, from the list that the router is made of: tests that go through it can't forget a new one. */
export const ENDPOINTS = allEndpoints("").map((endpoint) => ({
  endpoint,
  name: `${endpoint.method.toUpperCase()} ${endpoint.path}`,
}));

export type IdKind = NonNullable<Endpoint["id"]>;

/** What a call with an id is tried on. */
const MAKERS: Partial<Record<IdKind, (of: ApiClient, name: string) => Promise<string>>> = {
  async server(of, name) {
    const server = made(await of.createServer(name, { labels: { secret: name } }));
    await of.actionEnd(server.action_id);
    return server.id;
  },
  async database(of, name) {
    const database = made(await of.createDatabase(name));
    await of.actionEnd(database.action_id);
    return database.id;
  },
  async action(of, name) {
    return made(await of.createServer(name)).action_id;
  },
  async sshKey(of, name) {
    return made(await of.call("POST", "/v1/ssh_keys", { name, public_key: newPublicKey() })).id;
  },
  async audit(of) {
    const { status, body } = await of.call("POST", "/v1/operator/audits", {});
    expect(status, JSON.stringify(body)).toBe(202);
    return body.data.id;
  },
  async retry(of) {
    const { status, body } = await of.call("POST", "/v1/operator/retries", { action_id: "act_none", reason: "a test" });
    expect(status, JSON.stringify(body)).toBe(202);
    return body.data.id;
  },
  async hold(of) {
    // Nothing that a test waits for.
    return made(await of.call("POST", "/v1/operator/holds", { step: "drop_password", reason: "a test" })).id;
  },
  async account(of, name) {
    return made(await of.call("POST", "/v1/operator/accounts", { name, reason: "a test" })).id;
  },
  async apiKey(of, name) {
    return made(await of.call("POST", "/v1/api_keys", { name, scopes: ["*"] })).id;
  },
};

/** Creates in this region are held back by `holdCreates`, so that there is something to cancel. */
const HELD_REGION = "eu-west-2";

export async function holdCreates({ simulator }: World): Promise<void> {
  const match = { method: "POST", path: "/1.0/instances", project: `cloudnexus-${HELD_REGION}` };
  await simulator.addFault({ kind: "hold_before", match, count: 0 });
}

/** The build that the sample of `changeWorkers` names; no action begins on it. */
export async function knowSampleBuild({ temporal, config }: World): Promise<void> {
  await temporal.workflowService.setWorkerDeploymentRampingVersion({
    ...{ namespace: config.temporal.namespace, deploymentName: config.temporal.taskQueuePrefix },
    ...{ buildId: WORKER_BUILD.build_id, percentage: 0, allowNoPollers: true },
  });
}

/** What a call is tried on where not just any of the kind will do, by `operationId`. */
const SUBJECTS: Record<string, (of: ApiClient, name: string) => Promise<string>> = {
  async cancelAction(of, name) {
    return made(await of.createServer(name, { region: HELD_REGION })).action_id;
  },
  async cancelOperatorAction(of, name) {
    return made(await of.createServer(name, { region: HELD_REGION })).action_id;
  },
};

/** Makes what the call is tried on; answers its id. */
export async function makeSubject({ id, docs }: Endpoint, of: ApiClient, name: string): Promise<string> {
  const maker = SUBJECTS[docs.operationId];
  if (maker) return maker(of, name);
  return id === undefined ? "" : makeOne(id, of, name);
}

/** Makes one of the kind, ready to be called on; answers its id. */
export async function makeOne(kind: IdKind, of: ApiClient, name: string): Promise<string> {
  const maker = MAKERS[kind];
  if (!maker) throw new Error(`nothing is made for calls on the id of a ${kind}: add it to MAKERS`);
  return maker(of, name);
}

export function made(answer: { status: number; body: { data: Data } }): Data {
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.data;
}

/** Whether only operators' keys may make the call. */
export function isForOperators({ scopes }: Endpoint): boolean {
  return Array.isArray(scopes) && scopes.includes("operator");
}

let bodies = 0;

/** What the reference shows as its sample, with this SSH key where the sample names one, and a name and a public key of its own. */
export function sampleBody({ docs }: Endpoint, sshKeyId: string): Record<string, unknown> | null {
  if (!docs.sample?.body) return null;
  const sample = JSON.parse(JSON.stringify(docs.sample.body).replaceAll(SSH_KEY.id, sshKeyId)) as object;
  return {
    ...sample,
    ...("name" in sample && { name: `sample-${++bodies}` }),
    ...("public_key" in sample && { public_key: newPublicKey() }),
  };
}

export interface Sent {
  status: number;
  headers: Headers;
  text: string;
}

export async function send(
  endpoint: Endpoint,
  address: string,
  options: { token: string | null; id: string; body: object | null; headers?: Record<string, string>; query?: string },
): Promise<Sent> {
  const { token, id, body, headers, query = changeQuery(endpoint) } = options;
  const path = endpoint.path.replace(":id", id);
  const response = await contractFetch(`${address}${path}${query === undefined ? "" : `?${query}`}`, {
    method: endpoint.method.toUpperCase(),
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== null && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== null && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Where a change has parameters that it needs: those of its sample. */
function changeQuery({ method, docs }: Endpoint): string | undefined {
  return method === "get" || !docs.sample?.query ? undefined : sampleQuery(docs);
}

/** Counts of everything that a call could make or end. */
export const TRACES = `
  SELECT (SELECT count(*) FROM servers) AS servers, (SELECT count(*) FROM databases) AS databases, (SELECT count(*) FROM actions) AS actions,
    (SELECT count(*) FROM ssh_keys) AS ssh_keys, (SELECT count(*) FROM api_key_tokens) AS tokens, (SELECT count(revoked_at) FROM api_keys) AS revoked,
    (SELECT count(*) FROM audit_events) AS audited, (SELECT count(*) FROM audits) AS audits, (SELECT count(*) FROM retries) AS retries,
    (SELECT count(*) FROM holds) AS holds, (SELECT count(released_at) FROM holds) AS released,
    (SELECT count(*) FROM accounts) AS accounts, (SELECT count(suspended_at) FROM accounts) AS suspended, (SELECT count(*) FROM idempotency_keys) AS idempotency_keys`;
