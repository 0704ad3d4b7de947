import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { ApiClient } from "../support/api-client.ts";
import { makeDatabase } from "../support/database-actions.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { createOperator } from "../support/operator.ts";
import { spawnProcess } from "../support/processes.ts";
import { waitUntil } from "../support/wait.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

/** Longer than the promise of 30 s, so that a miss is seen as a state and not as a slow machine. */
const SWEEP_MS = 60_000;

describe("an accepted request whose workflow was never started", () => {
  unlessSampled(() => {
    it("is started by the sweep when Temporal was away at the POST", { timeout: 120_000 }, async () => {
      const away = await apiWithoutTemporal(world);
      const answer = await away.client.createServer("temporal-away");
      const { ipv4 } = answer.body.data;
      expect(answer).toMatchObject({ status: 201, body: { data: { status: "provisioning" } } });
      expect(ipv4).toMatch(/^10\.88\.0\./);
      await away.stop();

      await world.startWorker();
      const action = await world.api.actionEnd(answer.body.data.action_id, SWEEP_MS);
      expect(action.status).toBe("succeeded");
      const server = (await world.api.get(`/v1/servers/${answer.body.data.id}`)).body.data;
      expect(server).toMatchObject({ status: "active", ipv4 });
    });
  });

  it("is started by the sweep when the API was killed between commit and start", { timeout: 120_000 }, async () => {
    const dying = await apiWithoutTemporal(world);
    // Without an address the answer has to wait.
    const noAddresses = await holdAddresses(world);
    const lost = dying.client.createServer("api-killed").catch(() => null);
    await waitUntil("the request is committed", async () => {
      return (await world.sql("SELECT 1 FROM servers WHERE name = 'api-killed'")).length === 1;
    });
    await dying.kill();
    expect(await lost).toBeNull();
    await noAddresses.end();

    await world.startWorker();
    const [row] = await world.sql<{ action_id: string }>("SELECT action_id FROM servers WHERE name = 'api-killed'");
    expect((await world.api.actionEnd(row!.action_id, SWEEP_MS)).status).toBe("succeeded");
  });

  unlessSampled(() => {
    it("is deleted without a trace by a DELETE that comes first", { timeout: 120_000 }, async () => {
      const away = await apiWithoutTemporal(world);
      const created = (await away.client.createServer("never-started")).body.data;
      const deletion = await away.client.deleteServer(created.id);
      expect(deletion.status).toBe(202);
      await away.stop();

      await world.startWorker();
      expect((await world.api.actionEnd(deletion.body.data.id, SWEEP_MS)).status).toBe("succeeded");
      expect((await world.api.actionEnd(created.action_id)).status).toBe("cancelled");
      expect((await world.simulator.snapshot()).instances).toEqual([]);
      expect(await world.sql("SELECT address FROM ip_addresses WHERE resource_id IS NOT NULL")).toEqual([]);
    });
  });
});

unlessSampled(() => {
  describe("an accepted create whose first step is late", () => {
    it("is answered with its address before a worker is there, and keeps it", { timeout: 120_000 }, async () => {
      const created = (await world.api.createServer("no-worker-yet")).body.data;
      expect(created.ipv4).toMatch(/^10\.88\.0\./);

      await world.startWorker();
      expect((await world.api.actionEnd(created.action_id, SWEEP_MS)).status).toBe("succeeded");
      expect((await world.api.get(`/v1/servers/${created.id}`)).body.data).toMatchObject({
        status: "active",
        ipv4: created.ipv4,
      });
    });
  });
});

describe("an accepted cancel that did not reach its workflow", () => {
  unlessSampled(() => {
    it("is delivered by the sweep, to a create that never started too", { timeout: 120_000 }, async () => {
      const away = await apiWithoutTemporal(world);
      const created = (await away.client.createServer("cancelled-unstarted")).body.data;
      const answer = await away.client.call("POST", `/v1/actions/${created.action_id}/cancel`);
      expect(answer).toMatchObject({ status: 202, body: { data: { status: "running" } } });
      await away.stop();

      await world.startWorker();
      expect((await world.api.actionEnd(created.action_id, SWEEP_MS)).status).toBe("cancelled");
      const server = (await world.api.get(`/v1/servers/${created.id}`)).body.data;
      expect(server).toMatchObject({ status: "failed", ipv4: null, error: { code: "cancelled" } });
      expect((await world.simulator.snapshot()).instances).toEqual([]);
    });
  });

  it("is delivered by the sweep to a create that runs", { timeout: 120_000 }, async () => {
    await world.startWorker();
    const match = { method: "POST", path: "/1.0/instances" };
    const hold = await world.simulator.addFault({ kind: "hold_before", match });
    const created = (await world.api.createServer("cancelled-running")).body.data;
    await waitUntil("the create is held", () => world.simulator.isHolding(hold));
    const away = await apiWithoutTemporal(world);
    expect((await away.client.call("POST", `/v1/actions/${created.action_id}/cancel`)).status).toBe(202);
    await away.stop();
    expect((await world.api.actionEnd(created.action_id, SWEEP_MS)).status).toBe("cancelled");
  });
});

unlessSampled(() => {
  describe("what an operator asked for while Temporal was away", () => {
    it("is done by the sweep: a retry is begun, and what waits for a hold goes on", { timeout: 120_000 }, async () => {
      await world.startWorker();
      const operator = await createOperator(world);
      const match = { method: "POST", path: "/1.0/instances" };
      await world.simulator.addFault({ kind: "error_before", match, count: 1, status: 400 });
      const failed = (await world.api.createServer("failed")).body.data;
      expect((await world.api.actionEnd(failed.action_id)).status).toBe("failed");
      const hold = await operator.hold({ step: "wait_for_ssh" });
      const waiting = (await world.api.createServer("waiting")).body.data;
      await operator.waitsFor(hold, waiting.action_id);

      const away = await apiWithoutTemporal(world);
      const client = new ApiClient(away.client.address, operator.token);
      const retry = await client.call("POST", "/v1/operator/retries", { action_id: failed.action_id, reason: "again" });
      expect(retry).toMatchObject({ status: 202, body: { data: { status: "running", matched: 1 } } });
      expect((await client.call("DELETE", `/v1/operator/holds/${hold}?reason=over`)).status).toBe(200);
      await away.stop();

      const { items } = await operator.retryEnd(retry.body.data.id);
      for (const actionId of [waiting.action_id, items[0]?.started_action_id ?? ""]) {
        expect((await world.api.actionEnd(actionId, SWEEP_MS)).status).toBe("succeeded");
      }
    });
  });
});

unlessSampled(() => {
  describe("an accepted change of a database whose workflow was never started", () => {
    it("is started by the sweep, with what was asked", { timeout: 120_000 }, async () => {
      await world.startWorker();
      await world.enginesOffered();
      const id = await makeDatabase(world, "changed", false);
      const away = await apiWithoutTemporal(world);
      const sources = { trusted_sources: ["203.0.113.0/24"] };
      const patched = await away.client.call("PATCH", `/v1/databases/${id}`, sources);
      expect(patched).toMatchObject({ status: 200, body: { data: sources } });
      await away.stop();

      const action = await world.api.actionEnd(patched.body.data.action_id, SWEEP_MS);
      expect(action).toMatchObject({ type: "update_trusted_sources", status: "succeeded" });
      const { access_rules: rules } = await world.simulator.snapshot();
      expect(rules.map((rule) => rule.source ?? "").join()).toContain("203.0.114.0-");
    });
  });
});

/** Nobody gets an address until the end of it. */
async function holdAddresses({ environment }: World): Promise<pg.Client> {
  const holder = new pg.Client({ connectionString: environment["DATABASE_URL"] });
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("LOCK TABLE ip_addresses IN EXCLUSIVE MODE");
  return holder;
}

/** An API process of the same world that cannot reach Temporal. */
async function apiWithoutTemporal(world: World) {
  const port = await freePort();
  const child = await spawnProcess("src/server.ts", "api ready", {
    ...world.environment,
    PORT: String(port),
    TEMPORAL_ADDRESS: "127.0.0.1:1",
    LOG_LEVEL: "info",
  });
  return {
    client: new ApiClient(`http://127.0.0.1:${port}`, API_KEY),
    stop: () => child.kill("SIGTERM"),
    kill: () => child.kill("SIGKILL"),
  };
}
