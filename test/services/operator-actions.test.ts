import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import { addAccount } from "../support/accounts.ts";
import { ApiClient } from "../support/api-client.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { createWorld, type World } from "../support/world.ts";

/** The actions of all accounts, as operators read them. */

let world: World;
let operator: Operator;
let other: ApiClient;
/** By what they are: one that succeeded, one that failed, one that runs. */
const actions: Record<string, string> = {};

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  operator = await createOperator(world);
  other = new ApiClient(world.api.address, await addAccount(world, "other"));

  const succeeded = (await world.api.createServer("succeeds")).body.data;
  expect((await world.api.actionEnd(succeeded.action_id)).status).toBe("succeeded");
  const match = { method: "POST", path: "/1.0/instances" };
  await world.simulator.addFault({ kind: "error_before", match, count: 1, status: 400 });
  const failed = (await other.createServer("fails", { region: "eu-west-2" })).body.data;
  expect((await other.actionEnd(failed.action_id)).status).toBe("failed");
  const hold = await operator.hold({ step: "wait_for_ssh" }, "no network");
  const running = (await other.createServer("waits")).body.data;
  await operator.waitsFor(hold, running.action_id);
  Object.assign(actions, { succeeded: succeeded.action_id, failed: failed.action_id, running: running.action_id });
});
afterAll(() => world.close());

async function found(query: string): Promise<string[]> {
  const answer = await operator.api.get(`/v1/operator/actions?${query}`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const data = answer.body.data as unknown as { id: string }[];
  expect(answer.body.meta.pagination.total).toBe(data.length);
  return data.map(({ id }) => Object.entries(actions).find(([, known]) => known === id)?.[0] ?? id);
}

describe("the list of actions", () => {
  it.each([
    ["", ["running", "failed", "succeeded"]],
    ["status=running", ["running"]],
    ["status=failed", ["failed"]],
    ["status=cancelled", []],
    ["status=succeeded", ["succeeded"]],
    ["type=create&resource_type=server", ["running", "failed", "succeeded"]],
    ["type=delete", []],
    ["resource_type=database", []],
    ["region=us-east-1", ["running", "succeeded"]],
    // Where one stands, as well as where one has failed.
    ["step=wait_for_ssh", ["running"]],
    ["step=create_instance", ["failed"]],
    ["step=create_instance&status=failed", ["failed"]],
    ["step=create_instance&status=running", []],
    ["step=wait_for_ssh&status=running&region=us-east-1", ["running"]],
    ["step=mark_active", []],
    ["older_than=3600", []],
    ["younger_than=3600", ["running", "failed", "succeeded"]],
    ["error_code=no_capacity", []],
  ])("narrowed by %s", async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it("is narrowed by account and by error code", async () => {
    const { account_id: account, error } = (await operator.action(actions["failed"] ?? "")) as unknown as {
      account_id: string;
      error: { code: string };
    };
    expect(await found(`account_id=${account}`)).toEqual(["running", "failed"]);
    expect(await found(`error_code=${error.code}&step=create_instance`)).toEqual(["failed"]);
  });

  it("is read on by cursor, and by page", async () => {
    for (const filter of ["", "&step=wait_for_ssh"]) {
      const all = (await operator.api.list(`/v1/operator/actions?per_page=100${filter}`)).map(({ id }) => id);
      const read: string[] = [];
      let cursor = "";
      do {
        const { body } = await operator.api.get(`/v1/operator/actions?per_page=1${filter}${cursor}`);
        read.push(...(body.data as unknown as { id: string }[]).map(({ id }) => id));
        const next = (body.meta.pagination as unknown as { next_cursor: string | null }).next_cursor;
        cursor = next === null ? "" : `&cursor=${next}`;
      } while (cursor !== "");
      expect(read).toEqual(all);
    }
    const second = await operator.api.list("/v1/operator/actions?per_page=1&page=2");
    expect(second.map(({ id }) => id)).toEqual([actions["failed"]]);
  });

  it("counts up to a thousand", async () => {
    await world.sql(
      `INSERT INTO actions (id, account_id, type, status, resource_type, resource_id, region, steps, request_id, created_at, started_at, ended_at)
       SELECT 'act_' || translate(lpad(n::text, 24, 'a'), '0189', 'bcde'), 'acc_none', 'stop', 'succeeded', 'server', 'srv_' || n, 'us-east-1', '[]', 'req_' || n,
         now(), now(), now() FROM generate_series(1, 1200) AS n`,
    );
    const { body } = await operator.api.get("/v1/operator/actions?type=stop&page=12&per_page=100");
    expect(body.meta.pagination.total).toBe(1000);
    expect(body.data).toHaveLength(100);
    await world.sql("DELETE FROM actions WHERE account_id = 'acc_none'");
  });
});

describe("an action", () => {
  it("tells operators whose it is, where it stands, and where its workflow is found", async () => {
    const [row] = await world.sql<{ resource_id: string; request_id: string; account_id: string }>(
      "SELECT resource_id, request_id, account_id FROM actions WHERE id = $1",
      [actions["running"]],
    );
    const { body } = await operator.api.get(`/v1/operator/actions/${actions["running"]}`);
    expect(body.data).toMatchObject({
      ...{ request_id: row?.request_id, account_id: row?.account_id },
      ...{ account_name: "other", region: "us-east-1", step: "wait_for_ssh", attempt: 1, leftovers: [] },
      resource: { type: "server", id: row?.resource_id },
      resource_state: { name: "waits", status: "provisioning" },
      waits_for: { step: "wait_for_ssh", reason: "no network" },
      workflow_id: `create-server/${row?.resource_id}/1`,
    });
    const { workflow_id: id } = await operator.action(actions["running"] ?? "");
    expect((await world.temporal.workflow.getHandle(id).describe()).status.name).toBe("RUNNING");
  });

  it("that there is not is a 404, to read and to cancel", async () => {
    const path = `/v1/operator/actions/${newId("action")}`;
    expect((await operator.api.get(path)).status).toBe(404);
    expect((await operator.api.call("POST", `${path}/cancel`, { reason: "none" })).status).toBe(404);
  });

  it("that has ended can't be cancelled, nor can one without a reason", async () => {
    const cancel = (id: string | undefined, body: object) =>
      operator.api.call("POST", `/v1/operator/actions/${id}/cancel`, body);
    expect((await cancel(actions["succeeded"], { reason: "late" })).body.error).toMatchObject({
      code: "not_cancellable",
    });
    expect((await cancel(actions["running"], {})).status).toBe(400);
    expect(await operator.audited(actions["succeeded"] ?? "")).toEqual([]);
  });
});
