import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { REGION_STEPS } from "../../src/domain/hold.ts";
import { CREATE_SERVER_STEPS, DELETE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
import { FAULT_CODE } from "../support/activity-faults.ts";
import { sampled } from "../support/fault-sample.ts";
import { type FaultPlan, planFault, type TestProcess } from "../support/processes.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { waitUntil } from "../support/wait.ts";

/** Each step that touches the host, and what goes wrong with it once. On the simulator the same is tried of every step of every workflow. */
const FAULTS: { what: string; fault: FaultPlan["fault"] }[] = [
  { what: "fails before its effect", fault: "fail before" },
  { what: "fails after its effect", fault: "fail after" },
  { what: "is never heard of again after its effect", fault: "fall silent" },
  { what: "is delivered twice", fault: "twice" },
  { what: "dies with its worker before its effect", fault: "die before" },
  { what: "dies with its worker after its effect", fault: "die after" },
];

const regional = (steps: readonly string[]) => REGION_STEPS.filter((step) => steps.includes(step));
const cellsOf = (steps: readonly string[]) =>
  regional(steps).flatMap((step) => FAULTS.map((fault) => ({ step, ...fault })));

let world: RealWorld;
let worker: TestProcess;
let before: Awaited<ReturnType<RealWorld["inventory"]>>;
let made = 0;

beforeAll(async () => {
  world = await createRealWorld();
  worker = await world.startWorker({ faults: true });
});
beforeEach(async () => {
  before = await world.inventory();
});
afterEach(async () => {
  for (const { id } of await world.api.list("/v1/servers?per_page=100")) await world.api.deleteServer(id);
});
afterAll(() => world.close());

async function create() {
  const answer = await world.api.createServer(`faulty-${++made}`, { ssh_keys: [world.sshKeyId] });
  expect(answer.status).toBe(201);
  return answer.body.data as { id: string; action_id: string };
}

/** Begins an action, which meets the fault, and answers it as it ended. */
async function meet(step: string, fault: FaultPlan["fault"], begin: () => Promise<string>) {
  const file = planFault(world, { activity: activityOfStep(step), fault });
  const actionId = await begin();
  await waitUntil(`the fault has come at ${step}`, () => !existsSync(file));
  if (fault.startsWith("die")) {
    await waitUntil("the worker has died", () => worker.hasEnded());
    worker = await world.startWorker({ faults: true });
  }
  return world.api.actionEnd(actionId);
}

describe("a create on real Incus of which a step", () => {
  it.each(sampled("create on Incus", cellsOf(CREATE_SERVER_STEPS)))(
    "$what ($step) makes one server, which is reached, and nothing is left after its delete",
    async ({ step, fault }) => {
      let id = "";
      const { status } = await meet(step, fault, async () => {
        const created = await create();
        id = created.id;
        return created.action_id;
      });
      expect(status).toBe("succeeded");
      const { ipv4, name } = (await world.api.get(`/v1/servers/${id}`)).body.data;
      expect((await world.ssh(ipv4, "hostname")).trim()).toBe(name);
      expect((await world.inventory())["instances"]).toHaveLength(1);
      expect((await world.api.actionEnd((await world.api.deleteServer(id)).body.data.id)).status).toBe("succeeded");
      expect(await world.inventory()).toEqual(before);
    },
  );

  it.each(sampled("create on Incus, for good", regional(CREATE_SERVER_STEPS)))(
    "fails for good after its effect (%s) leaves nothing behind",
    async (step) => {
      const end = await meet(step, "fail for good", async () => (await create()).action_id);
      expect(end).toMatchObject({ status: "failed", error: { code: FAULT_CODE, step } });
      expect(await world.inventory()).toEqual(before);
    },
  );
});

describe("a delete on real Incus of which a step", () => {
  it.each(sampled("delete on Incus", cellsOf(DELETE_SERVER_STEPS)))(
    "$what ($step) leaves nothing behind",
    async ({ step, fault }) => {
      const { id, action_id } = await create();
      expect((await world.api.actionEnd(action_id)).status).toBe("succeeded");
      const { status } = await meet(step, fault, async () => (await world.api.deleteServer(id)).body.data.id);
      expect(status).toBe("succeeded");
      expect((await world.api.get(`/v1/servers/${id}`)).status).toBe(404);
      expect(await world.inventory()).toEqual(before);
    },
  );
});
