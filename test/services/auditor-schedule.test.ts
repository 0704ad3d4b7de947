import { ScheduleNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { AUDIT_CLASSES } from "../../src/domain/audit-classes.ts";
import { AUDIT_SCHEDULE_ID } from "../../src/domain/workflow-ids.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { plantOrphans } from "../support/planted-orphans.ts";
import { createPlanter, PLANTED_REGION, type Planter } from "../support/planted-resources.ts";
import { PATIENT } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** Audits that nobody asks for: by a schedule that workers make, and make again. */

const EVERY_MS = 1_000;

let world: World;
let auditor: Auditor;
let planter: Planter;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  auditor = await createAuditor(world);
  planter = await createPlanter(world);
});
afterAll(async () => {
  await planter.close();
  await world.close();
});

interface ListedAudit {
  id: string;
  status: string;
  repair: boolean;
  regions: string[];
  classes: string[];
  requested_by: string | null;
  created_at: string;
}

const schedule = () =>
  world.temporal.schedule.getHandle(`${world.config.temporal.taskQueuePrefix}-${AUDIT_SCHEDULE_ID}`);

/** Since when the schedule is there; null: there is none. */
async function scheduledSince(): Promise<Date | null> {
  try {
    return (await schedule().describe()).info.createdAt;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

async function endedAfter(time: Date): Promise<ListedAudit | undefined> {
  const audits = (await auditor.api.get("/v1/operator/audits")).body.data as unknown as ListedAudit[];
  return audits.find(({ status, created_at: at }) => status !== "running" && new Date(at) > time);
}

/** The latest that began after that, once it has ended. */
async function auditAfter(time: Date): Promise<ListedAudit> {
  const found = await vi.waitUntil(() => endedAfter(time), PATIENT);
  return found;
}

describe("by the schedule", () => {
  it("no audit begins where the interval is 0", async () => {
    expect(await scheduledSince()).toBeNull();
  });

  it("an audit of everything begins at the interval, asked for by nobody, and repairs nothing", async () => {
    const [orphan] = await plantOrphans({ world, planter }, "capacity_orphaned", 1);
    const planted = new Date();
    await world.startWorker([], { config: { auditMs: EVERY_MS } });
    const audit = await auditAfter(planted);
    expect(audit).toMatchObject({ status: "succeeded", repair: false, requested_by: null });
    expect(audit.regions.sort()).toEqual(Object.keys(world.config.catalog.regions).sort());
    expect(audit.classes).toEqual(AUDIT_CLASSES);
    const { differences } = (await auditor.api.get(`/v1/operator/audits/${audit.id}`)).body.data as unknown as {
      differences: object[];
    };
    const found = { class: "capacity_orphaned", region: PLANTED_REGION, subject: orphan, outcome: "found" };
    expect(differences).toMatchObject([found]);
    // And the next one.
    expect((await auditAfter(new Date(audit.created_at))).id).not.toBe(audit.id);
  });

  it("audits go on after the schedule was deleted: a worker makes it again", async () => {
    const first = await scheduledSince();
    await schedule().delete();
    const again = await vi.waitUntil(async () => {
      const since = await scheduledSince();
      return since !== null && since > first! && since;
    }, PATIENT);
    expect(await auditAfter(again)).toMatchObject({ status: "succeeded", requested_by: null });
  });
});
