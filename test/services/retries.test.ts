import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/domain/error-codes.ts";
import { addAccount } from "../support/accounts.ts";
import { ApiClient, type Data } from "../support/api-client.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { createWorld, type World } from "../support/world.ts";

/** Failed creates that operators have tried again, on the whole stack. */

let world: World;
let operator: Operator;
let other: ApiClient;
let names = 0;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  operator = await createOperator(world);
  other = new ApiClient(world.api.address, await addAccount(world, "other"));
});
afterAll(() => world.close());
beforeEach(() => world.simulator.clearFaults());

/** A server whose create has failed at making the instance. */
async function failed(of = world.api, region = "us-east-1"): Promise<{ id: string; actionId: string }> {
  await world.simulator.addFault({
    kind: "error_before",
    match: { method: "POST", path: "/1.0/instances", project: `cloudnexus-${region}` },
    count: 1,
    status: 400,
    message: "a fault of the test",
  });
  const { data } = (await of.createServer(`retried-${++names}`, { region })).body;
  expect((await of.actionEnd(data.action_id)).status).toBe("failed");
  return { id: data.id, actionId: data.action_id };
}

async function codeOf(actionId: string): Promise<ErrorCode> {
  return ((await operator.action(actionId)) as unknown as Data).error?.code as ErrorCode;
}

function createsOf(serverId: string): Promise<{ id: string; status: string }[]> {
  const text = "SELECT id, status FROM actions WHERE resource_id = $1 AND type = 'create' ORDER BY created_at, id";
  return world.sql(text, [serverId]);
}

async function dryRun(filter: object): Promise<{ matched: number; items: { action_id: string }[] }> {
  const answer = await operator.api.call("POST", "/v1/operator/retries?dry_run=true", { reason: "a look", ...filter });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data as unknown as { matched: number; items: { action_id: string }[] };
}

describe("a retry", () => {
  it("of one runs the create again for the same id, and keeps what failed with its error", async () => {
    const { id, actionId } = await failed();
    const retry = await operator.retryEnd(await operator.retry({ action_id: actionId, reason: "ticket 4711" }));
    const [item] = retry.items;
    expect(retry).toMatchObject({ status: "succeeded", matched: 1, started: 1, skipped: 0 });
    expect(item).toMatchObject({ action_id: actionId, resource: { type: "server", id }, outcome: "started" });
    const startedId = item?.started_action_id ?? "";
    expect((await world.api.actionEnd(startedId)).status).toBe("succeeded");
    expect((await world.api.get(`/v1/servers/${id}`)).body.data).toMatchObject({ status: "active", error: null });
    expect(await createsOf(id)).toEqual([
      { id: actionId, status: "failed" },
      { id: startedId, status: "succeeded" },
    ]);
    expect(await codeOf(actionId)).not.toBeUndefined();

    const { account_id: account } = await operator.action(actionId);
    expect(await operator.audited(retry.id)).toMatchObject([
      { event: "retry.create", reason: "ticket 4711", after: { action_id: actionId, matched: 1 } },
    ]);
    expect(await operator.audited(id)).toMatchObject([
      {
        ...{ event: "action.retry", account_id: account, reason: "ticket 4711" },
        before: { status: "failed", action_id: actionId },
        after: { status: "provisioning", action_id: startedId, retry_id: retry.id },
      },
    ]);
  });

  it("of a filter takes those that match it, of any account, and says before how many they are", async () => {
    const mine = await failed(world.api, "eu-west-2");
    const theirs = await failed(other, "eu-west-2");
    const elsewhere = await failed();
    const filter = { region: "eu-west-2", step: "create_instance", error_code: await codeOf(mine.actionId) };
    const before = await createsOf(mine.id);
    expect(await dryRun({ ...filter, younger_than: 3600 })).toMatchObject({
      matched: 2,
      items: [{ action_id: mine.actionId }, { action_id: theirs.actionId }],
    });
    expect(await createsOf(mine.id)).toEqual(before);
    const { account_id: account } = await operator.action(theirs.actionId);
    for (const [more, matched] of [
      [{ account_id: account }, 1],
      [{ resource_type: "database" }, 0],
      [{ older_than: 3600 }, 0],
      [{ error_code: "no_capacity" }, 0],
    ] as const) {
      expect((await dryRun({ ...filter, ...more })).matched).toBe(matched);
    }

    const retry = await operator.retryEnd(await operator.retry({ ...filter, per_minute: 600 }));
    expect(retry).toMatchObject({ matched: 2, started: 2, skipped: 0 });
    for (const { started_action_id: started } of retry.items) {
      const end = await (started === retry.items[0]?.started_action_id ? world.api : other).actionEnd(started ?? "");
      expect(end.status).toBe("succeeded");
    }
    expect(await createsOf(elsewhere.id)).toHaveLength(1);
    expect((await dryRun(filter)).matched).toBe(0);
  });

  it("starts no more of them a minute than it was asked for", async () => {
    for (let count = 0; count < 3; count++) await failed(world.api, "eu-west-2");
    const retry = await operator.retryEnd(await operator.retry({ region: "eu-west-2", per_minute: 60 }));
    expect(retry).toMatchObject({ matched: 3, started: 3 });
    const ids = retry.items.map(({ started_action_id: id }) => id);
    const started = await world.sql<{ created_at: Date }>(
      "SELECT created_at FROM actions WHERE id = ANY($1) ORDER BY created_at",
      [ids],
    );
    const gaps = started.slice(1).map((row, index) => row.created_at.getTime() - started[index]!.created_at.getTime());
    expect(Math.min(...gaps)).toBeGreaterThan(990);
    for (const id of ids) expect((await world.api.actionEnd(id ?? "")).status).toBe("succeeded");
  });

  it("matches nothing but failed creates: not what was cancelled, deleted or retried since", async () => {
    const [deleted, retried] = [await failed(), await failed()];
    const removal = await world.api.deleteServer(deleted.id);
    await world.api.actionEnd(removal.body.data.id);
    const again = await world.api.actOnServer(retried.id, "retry");
    await world.api.actionEnd(again.body.data.id);
    const hold = await operator.hold({ step: "create_instance" });
    const { data: cancelled } = (await world.api.createServer("cancelled")).body;
    await operator.waitsFor(hold, cancelled.action_id);
    await world.api.call("POST", `/v1/actions/${cancelled.action_id}/cancel`);
    await world.api.actionEnd(cancelled.action_id);
    await operator.release(hold);

    for (const actionId of [deleted.actionId, retried.actionId, cancelled.action_id]) {
      const retry = await operator.retryEnd(await operator.retry({ action_id: actionId }));
      expect(retry).toMatchObject({ status: "succeeded", matched: 0, items: [] });
    }
  });

  it("is one, however often it is repeated with its Idempotency-Key", async () => {
    const { id, actionId } = await failed();
    const body = { action_id: actionId, reason: "twice" };
    const headers = { "Idempotency-Key": "retry-once" };
    const ask = async () => (await operator.api.call("POST", "/v1/operator/retries", body, headers)).body.data.id;
    const first = await ask();
    expect(await ask()).toBe(first);
    await operator.retryEnd(first);
    expect(await createsOf(id)).toHaveLength(2);
  });

  it("has a reason, and a filter that is not empty", async () => {
    const retry = (body: object) => operator.api.call("POST", "/v1/operator/retries", body);
    expect((await retry({ reason: "all of them" })).body.error).toMatchObject({ code: "validation_failed" });
    expect((await retry({ region: "us-east-1" })).body.error.details).toMatchObject([{ field: "reason" }]);
    const wrong = { reason: "wrong", step: "dance", per_minute: 0, older_than: -1 };
    expect((await retry(wrong)).body.error.details.map(({ field }) => field).sort()).toEqual([
      ...["older_than", "per_minute", "step"],
    ]);
  });
});
