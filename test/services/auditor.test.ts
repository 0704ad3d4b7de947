import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AUDIT_CLASSES, type AuditClass } from "../../src/domain/audit-classes.ts";
import { SWEEP_SCHEDULE_ID } from "../../src/domain/workflow-ids.ts";
import { type Auditor, type AuditSeen, createAuditor } from "../support/audits.ts";
import { typist } from "../support/command-line.ts";
import { MENDED_BY_HAND, plantOrphans } from "../support/planted-orphans.ts";
import { createPlanter, PLANTED_REGION, type Planter, WAIT } from "../support/planted-resources.ts";
import { API_KEY, createWorld, type World } from "../support/world.ts";

/** The auditor on the whole stack. The same with hundreds of orphans and thousands of healthy resources is in test/services/auditor-race.test.ts. */

const OF_A_CLASS = 2;
const REASON = "the test says so";

let world: World;
let planter: Planter;
let auditor: Auditor;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  auditor = await createAuditor(world);
  planter = await createPlanter(world);
  // It would start what is to be found as not started.
  const { taskQueuePrefix } = world.config.temporal;
  await world.temporal.schedule.getHandle(`${taskQueuePrefix}-${SWEEP_SCHEDULE_ID}`).pause();
});
afterAll(async () => {
  await planter.close();
  await world.close();
});

function subjects(audit: AuditSeen, name: AuditClass): string[] {
  return audit.differences.filter((difference) => difference.class === name).map(({ subject }) => subject);
}

/** So long ago that no hold time is left. */
async function letHoldTimesPass(): Promise<void> {
  await world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days'");
}

describe("an audit", () => {
  it("finds nothing where everything is as it should be", async () => {
    await planter.plant("server", 20);
    await planter.plant("server", 3, { running: true });
    await planter.plant("database", 3, { running: true });
    await planter.plant("database", 3);
    const audit = await auditor.audit();
    expect(audit).toMatchObject({ status: "succeeded", differences: [] });
    expect(audit.totals.find(({ scope }) => scope === PLANTED_REGION)).toMatchObject({ owned: 29, found: 29 });
  });

  it("shows on the resource that its instance was switched off, and then that it is gone", async () => {
    const [id = ""] = await planter.plant("server", 1, { running: true });
    const shown = async () => (await auditor.api.get(`/v1/servers/${id}`)).body.data;
    const owner = planter.owner(id, "server");

    await planter.driver.stopInstance(owner, 0, WAIT);
    expect((await auditor.audit()).differences).toMatchObject([{ subject: id, outcome: "shown" }]);
    expect(await shown()).toMatchObject({ status: "active", power_state: "stopped", error: null });
    expect((await auditor.audit()).differences).toEqual([]);

    await planter.driver.deleteInstance(owner, WAIT);
    const found = { class: "instance_missing", subject: id, outcome: "found" };
    expect((await auditor.audit()).differences).toMatchObject([found]);
    const error = { code: "instance_missing", retryable: false };
    expect(await shown()).toMatchObject({ status: "active", power_state: "unknown", error });

    await planter.plantInstance(id, "server");
    expect((await auditor.audit()).differences).toMatchObject([{ class: "power_state_differs", outcome: "shown" }]);
    expect(await shown()).toMatchObject({ status: "active", power_state: "stopped", error: null });
  });

  it("writes nothing where it must be looking in the wrong place", async () => {
    const ids = await planter.plantRows("server", 60);
    const audit = await auditor.audit({ repair: true, classes: ["instance_missing"] });
    expect(audit.status).toBe("incomplete");
    expect(new Set(audit.differences.map(({ outcome }) => outcome))).toEqual(new Set(["found"]));
    expect(audit.totals.find(({ scope }) => scope === PLANTED_REGION)?.problem).toContain("more than half");
    const rows = await world.sql("SELECT 1 FROM servers WHERE id = ANY($1) AND error IS NOT NULL", [ids]);
    expect(rows).toEqual([]);
    for (const id of ids) await planter.plantInstance(id, "server");
  });

  it("says of a region that does not answer that it was not compared", async () => {
    await world.simulator.addFault({
      kind: "error_before",
      status: 500,
      match: { method: "GET", path: "/1.0/instances", project: "cloudnexus-eu-west-2" },
      count: 0,
    });
    const audit = await auditor.audit();
    await world.simulator.clearFaults();
    expect(audit.status).toBe("incomplete");
    expect(audit.totals.find(({ scope }) => scope === "eu-west-2")?.problem).not.toBeNull();
    expect(audit.totals.find(({ scope }) => scope === PLANTED_REGION)?.problem).toBeNull();
  });
});

describe("cloudnexus audit", () => {
  const run = (line: string, token = auditor.token) => typist(world.api.address, token)(line);

  it("tells in a table what differs, and by its end whether anything does", async () => {
    expect(await run("audit")).toMatchObject({ exitCode: 0, out: expect.stringContaining("0 differences") });
    const [id = ""] = await plantOrphans({ world, planter }, "capacity_orphaned", 1);
    const found = await run("audit --class capacity_orphaned");
    expect(found.exitCode).toBe(3);
    expect(found.out).toMatch(new RegExp(`capacity_orphaned +${PLANTED_REGION} +${id} +found `));
    const json = JSON.parse((await run("-o json audit --repair --reason tidy")).out) as { data: AuditSeen };
    expect(json.data.differences).toMatchObject([{ subject: id, outcome: "repaired" }]);
    expect((await run("audit")).exitCode).toBe(0);
  });

  it("ends with another code where the API refuses, or the command line is wrong", async () => {
    const refused = await run("audit --region nowhere");
    expect(refused).toMatchObject({ exitCode: 1, out: "", err: expect.stringMatching(/^validation_failed: /) });
    expect((await run("audit --colour red")).exitCode).toBe(2);
    expect(await run("audit", API_KEY)).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^forbidden: /) });
  });
});

describe("of every class of difference", () => {
  const planted = new Map<AuditClass, string[]>();
  let dry: AuditSeen;
  let repaired: AuditSeen;

  beforeAll(async () => {
    for (const name of AUDIT_CLASSES) planted.set(name, await plantOrphans({ world, planter }, name, OF_A_CLASS));
    dry = await auditor.audit();
    const held: AuditClass[] = ["instance_orphaned", "volume_orphaned", "volume_of_failed"];
    const waiting = await auditor.audit({ repair: true, classes: held });
    expect(waiting.differences).toHaveLength(held.length * OF_A_CLASS);
    expect(new Set(waiting.differences.map(({ outcome }) => outcome))).toEqual(new Set(["waiting"]));
    await letHoldTimesPass();
    repaired = await auditor.audit({ repair: true, reason: REASON });
  });

  it.each(AUDIT_CLASSES)("%s: all are found, and repaired, but for those that are mended by hand", (name) => {
    const wanted = [...(planted.get(name) ?? [])].sort();
    expect(wanted).toHaveLength(OF_A_CLASS);
    expect(subjects(dry, name).sort()).toEqual(expect.arrayContaining(wanted));
    // What the first audit has shown on the resource is no difference for the second.
    if (name === "power_state_differs") return;
    const outcomes = repaired.differences.filter((difference) => wanted.includes(difference.subject));
    if (MENDED_BY_HAND.includes(name)) {
      expect(outcomes).toMatchObject(wanted.map(() => ({ class: name, outcome: "refused" })));
      for (const { message } of outcomes) expect(message).not.toBe("it has changed meanwhile");
      return;
    }
    expect(outcomes.filter(({ outcome }) => outcome !== "repaired" && outcome !== "shown")).toEqual([]);
    expect(outcomes.map((difference) => difference.class)).toContain(name);
  });

  it("an audit after the repairs finds nothing but what is mended by hand", async () => {
    const { status, differences } = await auditor.audit();
    expect(status).toBe("succeeded");
    const left = MENDED_BY_HAND.flatMap((name) => (planted.get(name) ?? []).map((subject) => `${name} ${subject}`));
    expect(differences.map(({ class: name, subject }) => `${name} ${subject}`).sort()).toEqual(left.sort());
  });

  it("names nothing but what was planted", () => {
    const known = new Set([...planted.values()].flat());
    expect(dry.differences.filter(({ subject }) => !known.has(subject))).toEqual([]);
  });

  it("every repair is in the audit log, with who asked for it and why", async () => {
    const events = (await auditor.api.get("/v1/operator/audit-log?per_page=100")).body.data as unknown as {
      event: string;
      resource: { id: string };
      reason: string | null;
      api_key_id: string | null;
    }[];
    const repairs = events.filter(({ event, reason }) => event === "audit.repair" && reason === REASON);
    const done = repaired.differences.filter(({ outcome }) => outcome === "repaired");
    expect(repairs.map(({ resource }) => resource.id).sort()).toEqual(done.map(({ subject }) => subject).sort());
    for (const { api_key_id: key } of repairs) expect(key).toMatch(/^ak_/);
  });
});
