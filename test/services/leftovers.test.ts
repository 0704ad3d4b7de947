import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SWEEP_SCHEDULE_ID } from "../../src/domain/workflow-ids.ts";
import { volumeName } from "../../src/drivers/incus/instance-name.ts";
import { aroundActivities, failBefore } from "../support/activity-faults.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { ofOthers, slate } from "../support/clean-slate.ts";
import { actAndWait, logsIn, makeDatabase } from "../support/database-actions.ts";
import { HeldActions } from "../support/held-actions.ts";
import { createPlanter, type Planter, WAIT } from "../support/planted-resources.ts";
import { makeServer } from "../support/server-actions.ts";
import { createWorld, type World } from "../support/world.ts";

/**
 * What a create leaves behind that failed and could not be undone, or whose workflow was ended by hand: the auditor finds it, and mends it, and the create can be tried again
 * at any moment of that. And what a database leaves behind that has been in use: nobody takes it from its customer.
 */

let world: World;
let auditor: Auditor;
let planter: Planter;
let failing = new Set<string>();
const held = new HeldActions();

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([
    aroundActivities((activity) => (failing.has(activity) ? failBefore : undefined)),
    held.interceptor,
  ]);
  await world.enginesOffered();
  auditor = await createAuditor(world);
  planter = await createPlanter(world);
  // It would start anew what was ended by hand, were it lost.
  const { taskQueuePrefix } = world.config.temporal;
  await world.temporal.schedule.getHandle(`${taskQueuePrefix}-${SWEEP_SCHEDULE_ID}`).pause();
});
beforeEach(() => {
  failing = new Set();
});
afterAll(async () => {
  await planter.close();
  await world.close();
});

async function foundOf(id: string): Promise<string[]> {
  const { status, differences } = await auditor.audit();
  expect(status).toBe("succeeded");
  expect(differences.filter(({ subject }) => subject !== id)).toEqual([]);
  return differences.map((difference) => difference.class);
}

async function repair(): Promise<string[]> {
  const { differences } = await auditor.audit({ repair: true, reason: "left behind" });
  return differences.map((difference) => `${difference.class} ${difference.outcome}`);
}

async function letHoldTimesPass(): Promise<void> {
  await world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days'");
}

async function retriesWell(id: string): Promise<void> {
  await actAndWait(world, id, "retry");
  expect(await logsIn(world, await world.api.credentials(id))).toBe(true);
  expect(await foundOf(id)).toEqual([]);
}

async function remove(id: string): Promise<void> {
  const deletion = await world.api.deleteDatabase(id);
  expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
}

async function createdAtOfVolume(id: string): Promise<Date | null> {
  const { volumes } = await planter.driver.takeInventory(WAIT.signal);
  return volumes.find(({ owner }) => owner.id === id)?.createdAt ?? null;
}

describe("a create of a database whose volume could not be deleted after a failure", () => {
  async function failedDatabase(name: string): Promise<string> {
    failing = new Set(["verifyEngine", "deleteVolume"]);
    const { id, action_id: actionId } = (await world.api.createDatabase(name)).body.data;
    expect((await world.api.actionEnd(actionId)).status).toBe("failed");
    failing = new Set();
    return id;
  }

  it("is told, and mended after 7 days; then nothing is left of it, and it can be tried again", async () => {
    const before = await slate(world);
    const id = await failedDatabase("seven-days");
    expect(await foundOf(id)).toEqual(["volume_of_failed"]);
    expect(await repair()).toEqual(["volume_of_failed waiting"]);
    expect(ofOthers(await slate(world), [])).toMatchObject([{ name: volumeName(id) }]);
    expect(ofOthers(await slate(world), [id])).toEqual([]);
    await letHoldTimesPass();
    expect(await repair()).toEqual(["volume_of_failed repaired"]);
    expect(await slate(world)).toEqual(before);
    expect(await foundOf(id)).toEqual([]);
    await retriesWell(id);
    await remove(id);
  });

  it("can be tried again before that, with the volume that is there, which then is nobody's difference", async () => {
    const id = await failedDatabase("before");
    expect(await foundOf(id)).toEqual(["volume_of_failed"]);
    const volume = await createdAtOfVolume(id);
    await letHoldTimesPass();
    await retriesWell(id);
    expect(await createdAtOfVolume(id)).toEqual(volume);
    expect(await repair()).toEqual([]);
    await remove(id);
  });

  it("keeps it while it is tried again, also when it was seen for 7 days", async () => {
    const id = await failedDatabase("while");
    await foundOf(id);
    await letHoldTimesPass();
    held.holdAfter("create_volume", id);
    const { body } = await world.api.actOnDatabase(id, "retry");
    await held.waitUntilHeld(id);
    expect(await repair()).toEqual([]);
    expect(await createdAtOfVolume(id)).not.toBeNull();
    held.releaseAll();
    expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
    await remove(id);
  });
});

describe("a create of a database whose workflow was ended by hand", () => {
  const LEFT = ["instance_of_failed", "volume_of_failed", "credentials_orphaned", "certificate_orphaned"];

  /** Everything is there but the end; the auditor has ended its action. */
  async function abandonedDatabase(name: string): Promise<string> {
    held.holdNext("verify_engine", "createDatabase");
    const { id, action_id: actionId } = (await world.api.createDatabase(name)).body.data;
    await held.waitUntilHeld(id);
    await world.temporal.workflow.getHandle(`create-database/${id}/1`).terminate("by hand");
    held.releaseAll();
    await world.sql("UPDATE actions SET created_at = created_at - interval '2 minutes' WHERE id = $1", [actionId]);
    expect(await repair()).toEqual(["workflow_missing repaired"]);
    expect((await world.api.actionEnd(actionId)).status).toBe("failed");
    return id;
  }

  it("is told with all that it left, and mended", async () => {
    const before = await slate(world);
    const id = await abandonedDatabase("abandoned");
    expect((await foundOf(id)).sort()).toEqual([...LEFT].sort());
    expect((await repair()).sort()).toEqual([
      "certificate_orphaned repaired",
      "credentials_orphaned repaired",
      "instance_of_failed waiting",
      "volume_of_failed refused",
    ]);
    await letHoldTimesPass();
    await repair();
    expect(await slate(world)).toEqual(before);
    expect(await foundOf(id)).toEqual([]);
    await retriesWell(id);
    await remove(id);
  });

  it("can be tried again as it was left", async () => {
    const id = await abandonedDatabase("as-left");
    await retriesWell(id);
    await remove(id);
  });

  it("can be tried again where a part of it was mended, at another address than its certificate is for", async () => {
    const id = await abandonedDatabase("half-mended");
    await foundOf(id);
    await letHoldTimesPass();
    await auditor.audit({ repair: true, classes: ["instance_of_failed", "address_orphaned", "access_rules_orphaned"] });
    await world.sql("UPDATE ip_addresses SET offered = false WHERE resource_id IS NULL AND address = $1", [
      await addressOfCertificate(id),
    ]);
    await retriesWell(id);
    await remove(id);
  });
});

describe("a database that has been in use, whose instance was removed behind our back", () => {
  it("keeps its data and its login, whatever is mended, tried again and undone", async () => {
    const id = await makeDatabase(world, "in-use", false);
    const [login, volume] = [await world.api.credentials(id), await createdAtOfVolume(id)];
    const kept = async () => {
      expect(await createdAtOfVolume(id)).toEqual(volume);
      const [row] = await world.sql("SELECT password_box FROM database_credentials WHERE database_id = $1", [id]);
      expect(row).toBeDefined();
      await letHoldTimesPass();
      expect(await repair()).toEqual([]);
    };
    await planter.driver.deleteInstance(planter.owner(id, "database"), WAIT);
    expect(await repair()).toEqual(["instance_missing repaired"]);
    await kept();

    failing = new Set(["verifyEngine"]);
    const { body } = await world.api.actOnDatabase(id, "retry");
    expect((await world.api.actionEnd(body.data.id)).status).toBe("failed");
    failing = new Set();
    await kept();

    await retriesWell(id);
    expect(await createdAtOfVolume(id)).toEqual(volume);
    expect(await world.api.credentials(id)).toMatchObject({ user: login.user, password: login.password });
    const before = await slate(world);
    await remove(id);
    expect((await slate(world)).volumes.length).toBeLessThan(before.volumes.length);
  });
});

describe("a server that has been in use, whose instance was removed behind our back, and is back", () => {
  it("keeps it, whatever is mended and tried again", async () => {
    const before = await slate(world);
    const id = await makeServer(world, "is-back");
    await planter.driver.deleteInstance(planter.owner(id, "server"), WAIT);
    expect(await repair()).toEqual(["instance_missing repaired"]);
    await planter.plantInstance(id, "server", { running: true });

    const { body } = await world.api.actOnServer(id, "retry");
    expect(await world.api.actionEnd(body.data.id)).toMatchObject({ error: { code: "instance_conflict" } });
    await foundOf(id);
    await letHoldTimesPass();
    expect(await repair()).toEqual(["instance_of_failed refused"]);
    expect(await planter.driver.findInstance(planter.owner(id, "server"))).toMatchObject({ status: "running" });

    const deletion = await world.api.deleteServer(id);
    expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
    expect(await slate(world)).toEqual(before);
  });
});

async function addressOfCertificate(id: string): Promise<string> {
  const [row] = await world.sql<{ certificate: string }>(
    "SELECT certificate FROM database_certificates WHERE database_id = $1",
    [id],
  );
  return /IP Address:([\d.]+)/.exec(new X509Certificate(row!.certificate).subjectAltName ?? "")?.[1] ?? "";
}
