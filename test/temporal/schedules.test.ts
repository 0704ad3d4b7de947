import { randomBytes } from "node:crypto";
import { Client, Connection, ScheduleNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { AUDIT_SCHEDULE_ID, SWEEP_SCHEDULE_ID, syncEnginesScheduleId } from "../../src/domain/workflow-ids.ts";
import { encryptedDataConverter } from "../../src/temporal/data-converter.ts";
import { ensureSchedules } from "../../src/temporal/schedules.ts";

/** The schedules that workers make, when settings or keys change. */

const [OLD, NEW] = [randomBytes(32), randomBytes(32)];
const REGION = "us-east-1";
const MINUTE_MS = 60_000;

let connection: Connection;
let prefix: string;

beforeAll(async () => {
  connection = await Connection.connect({ address: inject("temporalAddress") });
});
beforeEach(() => {
  prefix = `schedules-${randomBytes(8).toString("hex")}`;
});
afterAll(() => connection.close());

function clientWith(...keys: Buffer[]): Client {
  return new Client({ connection, namespace: "cloudnexus", dataConverter: encryptedDataConverter(keys) });
}

/** A worker that starts. */
async function begin(client: Client, auditMs: number): Promise<void> {
  await ensureSchedules(client, prefix, { regions: [REGION], auditMs }, { renew: true });
}

const described = (client: Client, id: string) => client.schedule.getHandle(`${prefix}-${id}`).describe();

async function removeAll(client: Client): Promise<void> {
  for (const id of [AUDIT_SCHEDULE_ID, SWEEP_SCHEDULE_ID, syncEnginesScheduleId(REGION)]) {
    await client.schedule
      .getHandle(`${prefix}-${id}`)
      .delete()
      .catch(() => undefined);
  }
}

describe("a worker that starts", () => {
  const client = () => clientWith(OLD);

  it("with another interval of audits has it from then on, and leaves a pause as it is", async () => {
    await begin(client(), MINUTE_MS);
    await client().schedule.getHandle(`${prefix}-${AUDIT_SCHEDULE_ID}`).pause("an operator's");
    await begin(client(), 5 * MINUTE_MS);
    const { spec, state } = await described(client(), AUDIT_SCHEDULE_ID);
    expect(spec.intervals).toEqual([expect.objectContaining({ every: 5 * MINUTE_MS })]);
    expect(state).toMatchObject({ paused: true, note: "an operator's" });
    await removeAll(client());
  });

  it("with none takes the schedule away", async () => {
    await begin(client(), MINUTE_MS);
    await begin(client(), 0);
    await expect(described(client(), AUDIT_SCHEDULE_ID)).rejects.toThrow(ScheduleNotFoundError);
    expect((await described(client(), SWEEP_SCHEDULE_ID)).action.workflowType).toBe("sweepUnstartedActions");
    await removeAll(client());
  });

  it.each([
    { what: "with a new key beside the old one", keys: [NEW, OLD] },
    { what: "without the key that schedules were made with", keys: [NEW] },
  ])("$what leaves none that needs the old one", async ({ keys }) => {
    await begin(clientWith(OLD), MINUTE_MS);
    await begin(clientWith(...keys), MINUTE_MS);
    const { action } = await described(clientWith(NEW), syncEnginesScheduleId(REGION));
    expect(action.args).toEqual([{ region: REGION }]);
    await removeAll(clientWith(NEW));
  });
});

it("a look between starts makes what is missing, and changes nothing", async () => {
  const client = clientWith(OLD);
  await begin(client, MINUTE_MS);
  await client.schedule.getHandle(`${prefix}-${SWEEP_SCHEDULE_ID}`).delete();
  await ensureSchedules(client, prefix, { regions: [REGION], auditMs: 2 * MINUTE_MS }, { renew: false });
  expect((await described(client, SWEEP_SCHEDULE_ID)).action.workflowType).toBe("sweepUnstartedActions");
  const { spec } = await described(client, AUDIT_SCHEDULE_ID);
  expect(spec.intervals).toEqual([expect.objectContaining({ every: MINUTE_MS })]);
  await removeAll(client);
});
