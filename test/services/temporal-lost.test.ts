import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { type RunningTemporal, startTemporalServer } from "../../scripts/platform/temporal-server.ts";
import { SWEEP_SCHEDULE_ID, syncEnginesScheduleId } from "../../src/domain/workflow-ids.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { slate } from "../support/clean-slate.ts";
import { makeDatabase } from "../support/database-actions.ts";
import { HeldActions } from "../support/held-actions.ts";
import { makeServer } from "../support/server-actions.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * Everything that Temporal knew is gone while actions are under way, and an empty one is in its place. The worker goes on; rows and infrastructure are all that there is to
 * go on from.
 */

/** Two sweeps, and what they start. */
const RECOVERY_MS = 120_000;

let dataDir: string;
let temporal: RunningTemporal;
let world: World;
let auditor: Auditor;
const held = new HeldActions();

async function startEmptyTemporal(port: number): Promise<RunningTemporal> {
  return startTemporalServer({ dataDir, inMemory: true, ui: false, port, searchAttributes: false });
}

/** Of actions and rows, what the tests look at. */
interface Begun {
  id: string;
  actionId: string;
  ipv4: string | null;
}

async function createHeldServer(name: string, step: string): Promise<Begun> {
  held.holdNext(step, "createServer");
  const { id, action_id: actionId, ipv4 } = (await world.api.createServer(name)).body.data;
  await held.waitUntilHeld(id);
  return { id, actionId, ipv4 };
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "cn-lost-"));
  temporal = await startEmptyTemporal(await freePort());
  world = await createWorld({ temporalAddress: temporal.address, speed: "sandbox" });
  await world.startWorker([held.interceptor]);
  await world.enginesOffered();
  auditor = await createAuditor(world);
});
afterAll(async () => {
  await world.close();
  await temporal.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("Temporal lost entirely, with an empty one in its place", () => {
  const begun: Record<string, Begun> = {};
  let deletedId: string;
  let rebootedId: string;
  let changedId: string;

  beforeAll(async () => {
    deletedId = await makeServer(world, "deleted");
    rebootedId = await makeServer(world, "rebooted");
    changedId = await makeDatabase(world, "changed", false);
    begun["created"] = await createHeldServer("created", "create_instance");
    begun["waited for"] = await createHeldServer("waited-for", "start_instance");
    begun["cancelled"] = await createHeldServer("cancelled", "create_instance");
    begun["failing"] = await createHeldServer("failing", "create_instance");

    held.holdNext("create_volume", "createDatabase");
    const database = (await world.api.createDatabase("made")).body.data;
    begun["database"] = { id: database.id, actionId: database.action_id, ipv4: database.endpoint?.host ?? null };
    held.holdAfter("stop_instance", deletedId);
    const deletion = (await world.api.deleteServer(deletedId)).body.data;
    begun["deleted"] = { id: deletedId, actionId: deletion.id, ipv4: null };
    held.holdAfter("shut_down_instance", rebootedId);
    const reboot = (await world.api.actOnServer(rebootedId, "reboot")).body.data;
    begun["rebooted"] = { id: rebootedId, actionId: reboot.id, ipv4: null };
    held.holdAfter("restrict_access", changedId);
    const patched = await world.api.call("PATCH", `/v1/databases/${changedId}`, {
      trusted_sources: ["203.0.113.0/24"],
    });
    begun["changed"] = { id: changedId, actionId: patched.body.data.action_id, ipv4: null };
    for (const what of ["database", "deleted", "rebooted", "changed"]) await held.waitUntilHeld(begun[what]!.id);

    const port = Number(temporal.address.split(":")[1]);
    await temporal.stop();
    held.failAt("resolve_image", begun["failing"].id);
    // Accepted while there is no Temporal.
    await world.api.call("POST", `/v1/actions/${begun["cancelled"].actionId}/cancel`);
    temporal = await startEmptyTemporal(port);
    for (const { actionId } of Object.values(begun)) await world.api.actionEnd(actionId, RECOVERY_MS);
  });

  const endOf = async (what: string) => world.api.actionEnd(begun[what]?.actionId ?? "");
  const server = async (what: string) => (await world.api.get(`/v1/servers/${begun[what]?.id}`)).body.data;

  it.each(["created", "waited for"])(
    "a server that was being made is made, at the address that was told: %s",
    async (what) => {
      expect(await endOf(what)).toMatchObject({ status: "succeeded", error: null });
      expect(await server(what)).toMatchObject({ status: "active", ipv4: begun[what]?.ipv4 });
    },
  );

  it("a database that was being made is made", async () => {
    expect(await endOf("database")).toMatchObject({ status: "succeeded" });
    const { id, ipv4 } = begun["database"]!;
    const database = (await world.api.get(`/v1/databases/${id}`)).body.data;
    expect(database).toMatchObject({ status: "active", endpoint: { host: ipv4 } });
  });

  it("a delete ends, and nothing is left", async () => {
    expect(await endOf("deleted")).toMatchObject({ status: "succeeded" });
    expect((await world.api.get(`/v1/servers/${deletedId}`)).status).toBe(404);
  });

  it("a reboot ends with the server running", async () => {
    expect(await endOf("rebooted")).toMatchObject({ status: "succeeded" });
    expect(await server("rebooted")).toMatchObject({ status: "active", power_state: "running" });
  });

  it("a change of a database is in force", async () => {
    expect(await endOf("changed")).toMatchObject({ status: "succeeded" });
  });

  it("a create that was asked to cancel meanwhile is undone, with what the lost workflow did in later steps", async () => {
    expect(await endOf("cancelled")).toMatchObject({ status: "cancelled" });
    expect(await server("cancelled")).toMatchObject({ status: "failed", ipv4: null });
  });

  it("a create that then fails in an earlier step is undone as well", async () => {
    expect(await endOf("failing")).toMatchObject({ status: "failed", error: { step: "resolve_image" } });
    expect(await server("failing")).toMatchObject({ status: "failed", ipv4: null });
  });

  it("leaves nothing of what is gone, and nothing running", async () => {
    const left = await slate(world);
    expect(left.runningActions).toEqual([]);
    expect(left.runningWorkflows).toEqual([]);
    const there = ["created", "waited for", "rebooted", "database", "changed"].map((what) => begun[what]?.id ?? "");
    const names = there.map(instanceName);
    const { instances } = await world.simulator.snapshot();
    expect(instances.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(left.addresses).toHaveLength(there.length);
    expect(left.capacity).toHaveLength(there.length);
    // Their own, and those for the data of two databases.
    expect(left.volumes).toHaveLength(there.length + 2);
    expect(await auditor.audit()).toMatchObject({ status: "succeeded", differences: [] });
  });

  it("has its schedules and search attributes again", async () => {
    const { taskQueuePrefix, namespace } = world.config.temporal;
    for (const id of [SWEEP_SCHEDULE_ID, syncEnginesScheduleId("us-east-1"), syncEnginesScheduleId("eu-west-2")]) {
      const schedule = world.temporal.schedule.getHandle(`${taskQueuePrefix}-${id}`);
      expect((await schedule.describe()).scheduleId).toContain(id);
    }
    const { customAttributes } = await world.temporal.connection.operatorService.listSearchAttributes({ namespace });
    expect(Object.keys(customAttributes)).toContain("CloudNexusResourceId");
    const query = `CloudNexusResourceId = '${begun["created"]?.id}'`;
    await waitUntil("the workflow is found by its resource", async () => {
      for await (const { type } of world.temporal.workflow.list({ query })) return type === "createServer";
      return false;
    });
  });

  it("makes what is asked of it from then on", async () => {
    const created = (await world.api.createServer("afterwards")).body.data;
    expect(await world.api.actionEnd(created.action_id)).toMatchObject({ status: "succeeded" });
  });
});
