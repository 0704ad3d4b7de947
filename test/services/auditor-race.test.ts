import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AUDIT_CLASSES, type AuditClass } from "../../src/domain/audit-classes.ts";
import { SWEEP_SCHEDULE_ID } from "../../src/domain/workflow-ids.ts";
import { type Auditor, createAuditor } from "../support/audits.ts";
import { MENDED_BY_HAND, plantOrphans } from "../support/planted-orphans.ts";
import { createPlanter, type Planter } from "../support/planted-resources.ts";
import { createWorld, type World } from "../support/world.ts";

/** The auditor among many: what is healthy, and what is on its way, is never named; what is planted always is. */

/** Running ones and stopped ones, half and half. */
const HEALTHY_SERVERS = 4_800;
const HEALTHY_DATABASES = 200;
const OF_A_CLASS = 10;
/** Each creates a server, switches it off and on, and deletes it, over and over. */
const CUSTOMERS = 8;
const AUDITS = 40;

const SET_UP_MS = 600_000;
/** Beside the other matrices an action may take minutes. */
const ENDING_MS = 400_000;

let world: World;
let planter: Planter;
let auditor: Auditor;

beforeAll(async () => {
  world = await createWorld({ addresses: 200 });
  await world.startWorker();
  await world.enginesOffered();
  auditor = await createAuditor(world);
  planter = await createPlanter(world);
}, SET_UP_MS);
afterAll(async () => {
  await planter.close();
  await world.close();
});

describe("while customers create, switch and delete", () => {
  it(
    `${AUDITS} audits name nothing`,
    async () => {
      let isOver = false;
      let actions = 0;
      const end = (id: string) => world.api.actionEnd(id, ENDING_MS);
      const live = async (customer: number) => {
        for (let round = 0; !isOver; round++) {
          const name = `customer-${customer}-${round}`;
          const { data } = (await (customer % 4 === 0 ? world.api.createDatabase(name) : world.api.createServer(name)))
            .body;
          await end(data.action_id);
          actions += 2;
          if (customer % 4 === 0) {
            await end((await world.api.deleteDatabase(data.id)).body.data.id);
            continue;
          }
          for (const type of ["stop", "start", "suspend", "resume"]) {
            await end((await world.api.actOnServer(data.id, type)).body.data.id);
            actions += 1;
          }
          await end((await world.api.deleteServer(data.id)).body.data.id);
        }
      };
      const customers = Array.from({ length: CUSTOMERS }, (_, customer) => live(customer));
      const named: object[] = [];
      for (let count = 0; count < AUDITS; count++) named.push(...(await auditor.audit()).differences);
      isOver = true;
      await Promise.all(customers);
      expect(named).toEqual([]);
      expect(actions).toBeGreaterThan(AUDITS);
    },
    SET_UP_MS,
  );
});

describe(`among ${HEALTHY_SERVERS + HEALTHY_DATABASES} healthy servers and databases`, () => {
  const planted = new Map<AuditClass, string[]>();

  it(
    "no one is named",
    async () => {
      for (const running of [true, false]) {
        await planter.plant("server", HEALTHY_SERVERS / 2, { running });
        await planter.plant("database", HEALTHY_DATABASES / 2, { running });
      }
      const audit = await auditor.audit();
      expect(audit).toMatchObject({ status: "succeeded", differences: [] });
      expect(audit.totals.find(({ scope }) => scope === "us-east-1")).toMatchObject({ owned: 5_000, found: 5_000 });
    },
    SET_UP_MS,
  );

  it(
    `${OF_A_CLASS} orphans of each class are found, all of them and nobody else, and repaired`,
    async () => {
      // It would start what is to be found as not started.
      const { taskQueuePrefix } = world.config.temporal;
      await world.temporal.schedule.getHandle(`${taskQueuePrefix}-${SWEEP_SCHEDULE_ID}`).pause();
      for (const name of AUDIT_CLASSES) planted.set(name, await plantOrphans({ world, planter }, name, OF_A_CLASS));
      const all = [...planted].flatMap(([name, subjects]) => subjects.map((subject) => `${name} ${subject}`));
      expect(all.length).toBeGreaterThanOrEqual(200);

      const dry = await auditor.audit();
      const named = dry.differences.map((difference) => `${difference.class} ${difference.subject}`);
      expect(all.filter((one) => !named.includes(one))).toEqual([]);
      const subjects = new Set([...planted.values()].flat());
      expect(dry.differences.filter(({ subject }) => !subjects.has(subject))).toEqual([]);

      await world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days'");
      const repaired = await auditor.audit({ repair: true });
      const byHand = MENDED_BY_HAND.flatMap((name) => (planted.get(name) ?? []).map((subject) => `${name} ${subject}`));
      const isOver = ({ outcome }: { outcome: string }) => outcome === "repaired" || outcome === "shown";
      const left = [
        repaired.differences.filter((difference) => !isOver(difference)),
        (await auditor.audit()).differences,
      ];
      for (const differences of left) {
        expect(differences.map((difference) => `${difference.class} ${difference.subject}`).sort()).toEqual(
          byHand.sort(),
        );
      }
    },
    SET_UP_MS,
  );
});
