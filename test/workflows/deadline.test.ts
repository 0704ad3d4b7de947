import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DELETE_SERVER_STEPS } from "../../src/domain/workflow-contracts.ts";
import { createAuditor } from "../support/audits.ts";
import { slate } from "../support/clean-slate.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { makeServer, serverStateOf, shownServer } from "../support/server-actions.ts";
import { leftoversOf, restoreDeadlines, shortenDeadlines } from "../support/short-deadlines.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const CODE = "deadline_exceeded";
/** The region's hosts don't answer: every request of a kind waits until the test is over. */
const SILENT = { kind: "hold_before", count: 0 };

const held = new HeldActivity();
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([held.interceptor]);
});
afterEach(async () => {
  restoreDeadlines(world);
  held.release();
  held.stopHolding();
  await world.simulator.clearFaults();
});
afterAll(() => world.close());

describe("a create whose region never answers", () => {
  it("fails at its deadline with everything released", async () => {
    const before = await slate(world);
    await world.simulator.addFault({ ...SILENT, match: { method: "POST", path: "/1.0/instances" } });
    shortenDeadlines(world, "create");
    const { body } = await world.api.createServer("never-made");

    const action = await world.api.actionEnd(body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: CODE, retryable: true } });
    expect(await leftoversOf(world, action.id)).toEqual([]);
    expect(await shownServer(world, body.data.id)).toMatchObject({
      status: "failed",
      ipv4: null,
      error: { code: CODE, action_id: action.id },
    });
    await world.simulator.clearFaults();
    expect(await slate(world)).toEqual(before);
  });
});

unlessSampled(() => {
  describe("an undo whose region never answers", () => {
    it("is given up when its time is over, and named with what waits for it", async () => {
      const before = await slate(world);
      shortenDeadlines(world, "undo");
      held.hold("create_instance");
      const { body } = await world.api.createServer("not-undone");
      await held.waitUntilHeld();
      await world.simulator.addFault({ ...SILENT, match: { path: "/1.0/instances/*" } });
      await world.api.call("POST", `/v1/actions/${body.data.action_id}/cancel`);
      held.stopHolding();

      const action = await world.api.actionEnd(body.data.action_id);
      expect(action).toMatchObject({ status: "cancelled", error: { step: "create_instance" } });
      expect(await leftoversOf(world, action.id)).toEqual([
        "delete_instance",
        "release_capacity",
        "release_ip_address",
      ]);
      await world.simulator.clearFaults();
      const deletion = await world.api.deleteServer(body.data.id);
      expect((await world.api.actionEnd(deletion.body.data.id)).status).toBe("succeeded");
      expect(await slate(world)).toEqual(before);
    });
  });
});

unlessSampled(() => {
  describe("a power action whose region never answers", () => {
    it("fails at its deadline and leaves the server as it was", async () => {
      const id = await makeServer(world, "never-stopped");
      const before = await serverStateOf(world, id);
      await world.simulator.addFault({ ...SILENT, count: 1, match: { method: "PUT", path: "/1.0/instances/*/state" } });
      shortenDeadlines(world, "stop");
      const { body } = await world.api.actOnServer(id, "stop");

      const action = await world.api.actionEnd(body.data.id);
      expect(action).toMatchObject({ status: "failed", error: { code: CODE } });
      expect(action.steps.find(({ status }) => status === "failed")).toMatchObject({ message: null });
      expect(await leftoversOf(world, action.id)).toEqual([]);
      await world.simulator.clearFaults();
      expect(await serverStateOf(world, id)).toEqual(before);
      expect((await shownServer(world, id))["error"]).toMatchObject({ code: CODE, action_id: action.id });
    });
  });
});

unlessSampled(() => {
  describe("a delete whose region never answers", () => {
    it("fails at its deadline, names what it has not done, is found by the auditor, and ended by its repair", async () => {
      const before = await slate(world);
      const id = await makeServer(world, "never-deleted");
      await world.simulator.addFault({ ...SILENT, match: { path: "/1.0/instances/*" } });
      shortenDeadlines(world, "delete");
      const deletion = await world.api.deleteServer(id);

      const action = await world.api.actionEnd(deletion.body.data.id);
      expect(action).toMatchObject({ status: "failed", error: { code: CODE } });
      const { step } = action.error!;
      expect(await leftoversOf(world, action.id)).toEqual(
        DELETE_SERVER_STEPS.slice(DELETE_SERVER_STEPS.findIndex((name) => name === step)),
      );
      expect(await shownServer(world, id)).toMatchObject({ status: "deleting", error: { code: CODE, step } });

      restoreDeadlines(world);
      await world.simulator.clearFaults();
      const auditor = await createAuditor(world);
      const found = { class: "resource_without_action", subject: id };
      expect((await auditor.audit()).differences).toContainEqual(
        expect.objectContaining({ ...found, outcome: "found" }),
      );
      const { differences } = await auditor.audit({ repair: true, reason: "the region is back" });
      expect(differences).toContainEqual(expect.objectContaining({ ...found, outcome: "repaired" }));
      await waitUntil("the server is gone", async () => (await world.api.get(`/v1/servers/${id}`)).status === 404);
      expect(await slate(world)).toEqual(before);
    });
  });
});
