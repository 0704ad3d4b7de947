import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/api/endpoint.ts";
import { type RunningApi, startApi } from "../../src/start-api.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { addAccount, addOperatorKey } from "../support/accounts.ts";
import { ApiClient } from "../support/api-client.ts";
import {
  ENDPOINTS,
  holdCreates,
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
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/** Every call with an effect, from the list that the router is made of. */
const CALLS = ENDPOINTS.filter(({ endpoint }) => endpoint.method !== "get");
const WITH_BODY = CALLS.filter(({ endpoint }) => endpoint.body !== undefined);
const AT_ONCE = 20;

let world: World;
let sshKeyId: string;
let operatorToken: string;
beforeAll(async () => {
  world = await createWorld({ addresses: 200 });
  await world.startWorker();
  await world.enginesOffered();
  await holdCreates(world);
  await knowSampleBuild(world);
  operatorToken = await addOperatorKey(world);
  sshKeyId = await makeOne("sshKey", world.api, "of-the-owner");
});
afterAll(() => world.close());

let keys = 0;

/** A request that is ready to be sent, as often as one likes. */
async function prepared({ endpoint }: { endpoint: Endpoint }) {
  const key = `key-${++keys}`;
  const token = isForOperators(endpoint) ? operatorToken : API_KEY;
  const asker = isForOperators(endpoint) ? new ApiClient(world.api.address, operatorToken) : world.api;
  const id = await makeSubject(endpoint, asker, `subject-${keys}`);
  const body = sampleBody(endpoint, sshKeyId);
  return {
    key,
    body,
    send: (change: { body?: object; query?: string; address?: string } = {}) =>
      send(endpoint, change.address ?? world.api.address, {
        ...{ token, id, body, headers: { "Idempotency-Key": key } },
        ...change,
      }),
  };
}

function shown({ text }: Sent): { data: { id: string } | null; error?: { code: string } } {
  return JSON.parse(text) as ReturnType<typeof shown>;
}

/** The same resource, and nothing new. */
function expectReplay(first: Sent, second: Sent): void {
  expect(second.status, second.text).toBe(first.status);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(shown(second).data?.id).toBe(shown(first).data?.id);
}

describe.each(sampled("idempotency", CALLS))("an Idempotency-Key on $name", (call) => {
  it("gives a repetition the same answer, and no second effect", async () => {
    const request = await prepared(call);
    const first = await request.send();
    expect(first.status, first.text).toBeLessThan(300);
    expect(first.headers.get("idempotent-replayed")).toBeNull();
    const before = await world.sql(TRACES);
    expectReplay(first, await request.send());
    expectReplay(first, await request.send());
    expect(await world.sql(TRACES)).toEqual(before);
  });

  it("gives many at once one effect", async () => {
    const request = await prepared(call);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => request.send()));
    const first = answers.find(({ headers }) => headers.get("idempotent-replayed") === null);
    if (!first) throw new Error("nobody had the effect");
    expect(first.status, first.text).toBeLessThan(300);
    for (const answer of answers.filter((one) => one !== first)) expectReplay(first, answer);
  });

  it("that served another call is refused, and nothing happens", async () => {
    const request = await prepared(call);
    const other = { "Idempotency-Key": request.key };
    const name = `other-${request.key}`;
    made(await world.api.call("POST", "/v1/api_keys", { name, scopes: ["servers:read"] }, other));
    const before = await world.sql(TRACES);
    const answer = await request.send();
    expect(answer.status).toBe(409);
    expect(shown(answer).error?.code).toBe("idempotency_key_reused");
    expect(await world.sql(TRACES)).toEqual(before);
  });

  it("is not used up by a request that is refused", async () => {
    const request = await prepared(call);
    expect((await request.send({ query: "no-such-parameter=1" })).status).toBe(400);
    const answer = await request.send();
    expect(answer.status, answer.text).toBeLessThan(300);
    expect(answer.headers.get("idempotent-replayed")).toBeNull();
  });
});

describe.each(sampled("idempotency of bodies", WITH_BODY))("an Idempotency-Key on $name", (call) => {
  it("that served another body is refused, and nothing happens", async () => {
    const request = await prepared(call);
    expect((await request.send()).status).toBeLessThan(300);
    const before = await world.sql(TRACES);
    const answer = await request.send({ body: anotherBody(call.endpoint, request.body) });
    expect(answer.status, answer.text).toBe(409);
    expect(shown(answer).error?.code).toBe("idempotency_key_reused");
    expect(await world.sql(TRACES)).toEqual(before);
  });
});

/** As right as the sample, and not the same. */
function anotherBody({ path, body: schema }: Endpoint, body: object | null): object {
  const takes = (field: string) => schema !== undefined && Object.hasOwn(schema.shape, field);
  if (takes("reason")) return { ...body, reason: "another one" };
  if (path.endsWith("/actions")) return { type: "suspend" };
  if (path.endsWith("/roll")) return { overlap_seconds: 7 };
  return { ...body, name: `another-${++keys}` };
}

describe("an Idempotency-Key", () => {
  const create = CALLS.find(({ name }) => name === "POST /v1/servers");
  if (!create) throw new Error("there is no call that creates a server");

  it("is known to an API that started after it was used", async () => {
    const request = await prepared(create);
    const first = await request.send();
    const later: RunningApi = await startApi(world.config, createLogger({ level: "silent", name: "a later api" }));
    try {
      expectReplay(first, await request.send({ address: later.address }));
    } finally {
      await later.stop();
    }
  });

  it("tells whoever was cut off after the commit what became of it", async () => {
    const body = JSON.stringify({ name: "cut-off", plan: "starter", region: "us-east-1" });
    const headers = { "Idempotency-Key": "cut-off" };
    const { hostname, port } = new URL(world.api.address);
    const socket = connect(Number(port), hostname);
    const lines = [
      ...["POST /v1/servers HTTP/1.1", `Host: ${hostname}`, `Authorization: Bearer ${API_KEY}`],
      ...["Content-Type: application/json", `Content-Length: ${body.length}`, "Idempotency-Key: cut-off"],
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    await waitUntil("it is committed", async () => {
      return (await world.sql("SELECT 1 FROM servers WHERE name = 'cut-off'")).length > 0;
    });
    socket.destroy();
    const again = await world.api.call("POST", "/v1/servers", JSON.parse(body), headers);
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect((await world.api.actionEnd(again.body.data.action_id)).status).toBe("succeeded");
    expect(await world.sql("SELECT 1 FROM servers WHERE name = 'cut-off'")).toHaveLength(1);
  });

  it("shows the present state, not that of the first answer", async () => {
    const request = await prepared(create);
    const first = shown(await request.send()).data as { id: string; action_id: string };
    await world.api.actionEnd(first.action_id);
    const again = shown(await request.send()).data as { id: string; status: string };
    expect(again).toMatchObject({ id: first.id, status: "active" });
  });

  it("of a server that is gone answers 404", async () => {
    const request = await prepared(create);
    const first = shown(await request.send()).data as { id: string; action_id: string };
    await world.api.actionEnd(first.action_id);
    await world.api.actionEnd((await world.api.deleteServer(first.id)).body.data.id);
    expect((await request.send()).status).toBe(404);
  });

  it("is the account's: another one's is not found", async () => {
    const other = new ApiClient(world.api.address, await addAccount(world, "another"));
    const headers = { "Idempotency-Key": "of-both" };
    const mine = made(await world.api.createServer("of-both", {}, headers));
    const theirs = made(await other.createServer("of-both", {}, headers));
    expect(theirs.id).not.toBe(mine.id);
  });
});
