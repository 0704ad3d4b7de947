import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningApi, startApi } from "../../src/start-api.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { addAccount } from "../support/accounts.ts";
import { ApiClient } from "../support/api-client.ts";
import { followEvents } from "../support/event-stream.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

let world: World;
let elsewhere: RunningApi;
let operator: Operator;
let token: string;
let id: string;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  elsewhere = await startApi(
    { ...world.config, bootstrapApiKey: API_KEY },
    createLogger({ level: "silent", name: "test" }),
  );
  operator = await createOperator(world);
  token = await addAccount(world, "customer");
  id = (await here().get("/v1/account")).body.data.id;
});
afterAll(async () => {
  await elsewhere.stop();
  await world.close();
});

const here = () => new ApiClient(world.api.address, token);
const there = () => new ApiClient(elsewhere.address, token);

type Change = "suspend" | "resume";
const change = (what: Change, reason: string, of = id, by = operator.api) =>
  by.call("POST", `/v1/operator/accounts/${of}/${what}`, { reason });

async function listed(query: string): Promise<string[]> {
  const accounts = (await operator.api.get(`/v1/operator/accounts${query}`)).body.data as unknown as { name: string }[];
  return accounts.map(({ name }) => name);
}

/** Asks until it is refused, and answers when the last request came that was not. */
async function lastAccepted(client: ApiClient): Promise<number> {
  let accepted = 0;
  await waitUntil("the key is refused", async () => {
    const askedAt = Date.now();
    const { status } = await client.get("/v1/account");
    if (status === 200) accepted = askedAt;
    return status === 403;
  });
  return accepted;
}

const SUSPENDED = { status: 403, body: { error: { code: "account_suspended" } } };

describe("an account that an operator suspends", () => {
  it("is refused within a second by every process, its streams are closed, and what is under way ends as it would", async () => {
    const hold = await operator.hold({ step: "create_instance" });
    const { data } = (await here().createServer("goes-on")).body;
    await operator.waitsFor(hold, data.action_id);
    const streams = [await followEvents(world.api.address, token), await followEvents(elsewhere.address, token)];
    const stranger = await followEvents(world.api.address, API_KEY);
    expect((await there().get("/v1/account")).status).toBe(200);

    const suspended = await change("suspend", "unpaid");
    const suspendedAt = Date.now();
    expect(suspended).toMatchObject({ status: 200, body: { data: { id, status: "suspended" } } });
    const accepted = await Promise.all([lastAccepted(here()), lastAccepted(there())]);
    for (const time of accepted) expect(time - suspendedAt).toBeLessThan(1_000);
    await Promise.all(streams.map(({ ended }) => ended));
    expect(await there().createServer("refused")).toMatchObject(SUSPENDED);
    expect(await here().call("DELETE", `/v1/servers/${data.id}`)).toMatchObject(SUSPENDED);

    await operator.release(hold);
    await waitUntil("it has ended", async () => (await operator.action(data.action_id)).status === "succeeded");
    expect((await operator.api.get("/v1/account")).status).toBe(200);
    await stranger.close();
  });

  it("is shown and listed as such", async () => {
    const shown = (await operator.api.get(`/v1/operator/accounts/${id}`)).body.data;
    expect(shown).toMatchObject({ status: "suspended", suspended_at: expect.stringMatching(/Z$/) });
    expect(await listed("?status=suspended")).toEqual(["customer"]);
    expect(await listed("?status=active")).toEqual(["default"]);
    expect(await listed("")).toEqual(["customer", "default"]);
    const { meta } = (await operator.api.get("/v1/operator/accounts?status=active")).body;
    expect(meta.pagination).toMatchObject({ total: 1 });
    expect((await operator.api.get("/v1/operator/accounts?status=asleep")).status).toBe(400);
  });

  it("works again once it is resumed, and has what it had", async () => {
    expect(await change("resume", "paid")).toMatchObject({ body: { data: { status: "active", suspended_at: null } } });
    const servers = (await there().get("/v1/servers")).body.data as unknown as { name: string; status: string }[];
    expect(servers).toMatchObject([{ name: "goes-on", status: "active" }]);
    expect((await here().get("/v1/account")).status).toBe(200);
  });

  it("stays as it is when it is asked for again, and that is in no log", async () => {
    for (const what of ["resume", "suspend", "suspend", "resume", "resume"] as const) {
      expect((await change(what, "again")).status).toBe(200);
    }
    const [active, suspended] = [{ status: "active" }, { status: "suspended" }];
    const rows = (await operator.audited(id)).filter(({ event }) => /suspend|resume/.test(event));
    expect(rows).toMatchObject([
      { event: "account.suspend", account_id: id, reason: "unpaid", before: active, after: suspended },
      { event: "account.resume", account_id: id, reason: "paid", before: suspended, after: active },
      { event: "account.suspend", reason: "again" },
      { event: "account.resume", reason: "again" },
    ]);
    for (const { api_key_id: key } of rows) expect(key).toMatch(/^ak_/);
  });
});

describe("an operator", () => {
  it("can't suspend the account of the key that asks", async () => {
    const own = (await operator.api.get("/v1/account")).body.data.id;
    expect(await change("suspend", "mistake", own)).toMatchObject({
      status: 409,
      body: { error: { code: "invalid_status" } },
    });
    expect((await change("resume", "nothing to do", own)).status).toBe(200);
    expect((await operator.api.get("/v1/account")).status).toBe(200);
  });

  it("is left when two suspend each other at once", async () => {
    const own = (await operator.api.get("/v1/account")).body.data.id;
    const keys = `/v1/operator/accounts/${id}/keys`;
    const made = await operator.api.call("POST", keys, { name: "operators", scopes: ["operator"], reason: "a test" });
    const colleague = new ApiClient(elsewhere.address, (made.body.data as unknown as { token: string }).token);
    expect((await colleague.get("/v1/operator/accounts")).status).toBe(200);
    const answers = await Promise.all([change("suspend", "at once", id), change("suspend", "at once", own, colleague)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await world.sql("SELECT 1 FROM accounts WHERE suspended_at IS NOT NULL")).toHaveLength(1);
  });
});
