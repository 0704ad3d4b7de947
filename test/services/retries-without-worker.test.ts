import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addAccount } from "../support/accounts.ts";
import { ApiClient } from "../support/api-client.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { planFault, spawnWorker } from "../support/processes.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** Retries of operators, while workers die and are away. */

let world: World;
let operator: Operator;
beforeEach(async () => {
  world = await createWorld({ quotas: { vcpus: 20 } });
  operator = await createOperator(world);
});
afterEach(() => world.close());

/** Servers whose creates have failed. */
async function failMany(count: number, of = world.api): Promise<string[]> {
  await world.simulator.addFault({
    kind: "error_before",
    match: { method: "POST", path: "/1.0/instances" },
    count,
    status: 400,
    message: "a fault of the test",
  });
  const created = [];
  for (let index = 0; index < count; index++) created.push((await of.createServer(`failed-${index}`)).body.data);
  for (const { action_id: actionId } of created) expect((await of.actionEnd(actionId)).status).toBe("failed");
  return created.map(({ id }) => id);
}

const COUNTS = "SELECT count(*)::int FROM actions WHERE type = 'create' GROUP BY resource_id ORDER BY 1";

describe("a retry of many", () => {
  unlessSampled(() => {
    it("whose worker is killed half-way begins each create once", { timeout: 300_000 }, async () => {
      const mortal = await spawnWorker(world);
      await failMany(14);
      // The first round has begun ten of them, and nobody is told so.
      planFault(world, { activity: "startRetries", fault: "die after" });
      const id = await operator.retry({ step: "create_instance", per_minute: 600 });
      await waitUntil("the worker has died", () => mortal.hasEnded());
      expect(await world.sql("SELECT 1 FROM retry_items WHERE outcome = 'started'")).toHaveLength(10);

      const successor = await spawnWorker(world);
      const retry = await operator.retryEnd(id);
      expect(retry).toMatchObject({ matched: 14, started: 14, skipped: 0 });
      const started = retry.items.map((item) => item.started_action_id ?? "");
      expect(new Set(started).size).toBe(14);
      for (const actionId of started) expect((await world.api.actionEnd(actionId)).error).toBeNull();
      expect(await world.sql(COUNTS)).toEqual(Array.from({ length: 14 }, () => ({ count: 2 })));
      await successor.kill("SIGTERM");
    });
  });

  unlessSampled(() => {
    it("skips what has gone on before its turn, and what its account has no room for", async () => {
      const first = await spawnWorker(world);
      const other = new ApiClient(world.api.address, await addAccount(world, "other"));
      const [deleted = "", retried = "", left = ""] = await failMany(3);
      const [full = ""] = await failMany(1, other);
      await first.kill("SIGTERM");
      const id = await operator.retry({ step: "create_instance", per_minute: 600 });
      await world.api.deleteServer(deleted);
      await world.api.actOnServer(retried, "retry");
      await world.sql(
        "UPDATE account_quotas SET servers_limit = 0 WHERE account_id = (SELECT id FROM accounts WHERE name = 'other')",
      );

      await world.startWorker();
      const retry = await operator.retryEnd(id);
      expect(retry).toMatchObject({ status: "succeeded", matched: 4, started: 1, skipped: 3 });
      const outcomes = retry.items.map((item) => [item.resource.id, item.outcome, item.skipped?.code ?? null]);
      expect(outcomes).toEqual([
        [deleted, "skipped", "invalid_status"],
        [retried, "skipped", "invalid_status"],
        [left, "started", null],
        [full, "skipped", "quota_exceeded"],
      ]);
      expect((await other.get(`/v1/servers/${full}`)).body.data.status).toBe("failed");
      expect(await operator.audited(full)).toEqual([]);
    });
  });

  it("that was stopped begins nothing more", async () => {
    const first = await spawnWorker(world);
    await failMany(3);
    await first.kill("SIGTERM");
    const id = await operator.retry({ step: "create_instance", per_minute: 600 });
    const stop = () => operator.api.call("DELETE", `/v1/operator/retries/${id}?reason=mistake`);
    expect((await stop()).body.data).toMatchObject({ status: "stopped", started: 0 });
    expect((await stop()).body.data).toMatchObject({ status: "stopped" });
    await world.startWorker();
    await waitUntil("its workflow has ended", async () => {
      const { status } = await world.temporal.workflow.getHandle(`retry/${id}`).describe();
      return status.name === "COMPLETED";
    });
    expect(await world.sql(COUNTS)).toEqual([{ count: 1 }, { count: 1 }, { count: 1 }]);
    expect((await operator.audited(id)).map(({ event, reason }) => [event, reason])).toEqual([
      ["retry.create", "a test"],
      ["retry.stop", "mistake"],
    ]);
  });
});
