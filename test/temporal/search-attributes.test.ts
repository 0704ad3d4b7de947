import { randomUUID } from "node:crypto";
import { Client } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureSearchAttributes } from "../../src/temporal/search-attributes.ts";
import { aroundActivities, FAULT_CODE, failBefore } from "../support/activity-faults.ts";
import { createOperator } from "../support/operator.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
let failing: string | null = null;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => (activity === failing ? failBefore : undefined))]);
});
afterAll(() => world.close());

async function found(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of world.temporal.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

/** Temporal's index of workflows follows them a moment later. */
async function expectFound(query: string, expected: string[]): Promise<void> {
  await waitUntil(`${query} finds ${expected.join()}`, async () => (await found(query)).join() === expected.join());
}

describe("the workflow of an action", () => {
  it("is found by account, resource, kind and region, and by why it failed", async () => {
    failing = null;
    const good = (await world.api.createServer("searched")).body.data;
    expect((await world.api.actionEnd(good.action_id)).status).toBe("succeeded");
    failing = "createInstance";
    const bad = (await world.api.createServer("searched-failed")).body.data;
    expect((await world.api.actionEnd(bad.action_id)).status).toBe("failed");

    const [row] = await world.sql<{ account_id: string }>("SELECT account_id FROM servers WHERE id = $1", [good.id]);
    const [ofGood, ofBad] = [`create-server/${good.id}/1`, `create-server/${bad.id}/1`];
    await expectFound(`CloudNexusResourceId = '${good.id}'`, [ofGood]);
    const ofAccount = `CloudNexusAccountId = '${row?.account_id}' AND CloudNexusResourceKind = 'server' AND CloudNexusRegion = 'us-east-1'`;
    await expectFound(ofAccount, [ofGood, ofBad].sort());
    await expectFound(`${ofAccount} AND CloudNexusErrorCode = '${FAULT_CODE}'`, [ofBad]);
    await expectFound(`${ofAccount} AND CloudNexusFailedStep = 'create_instance'`, [ofBad]);
    await expectFound(`${ofAccount} AND CloudNexusErrorCode IS NULL`, [ofGood]);
  });

  it("is found by the image it is about: of a create, of a rebuild the new one, of a database its engine", async () => {
    failing = null;
    const { id, action_id: created } = (await world.api.createServer("of-an-image", { image: "debian-12" })).body.data;
    expect((await world.api.actionEnd(created)).status).toBe("succeeded");
    const change = { image: "ubuntu-22.04" };
    for (const [type, more] of [["stop"], ["rebuild", change]] as const) {
      const { body } = await world.api.actOnServer(id, type, more);
      expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
    }
    const deletion = (await world.api.deleteServer(id)).body.data;
    expect((await world.api.actionEnd(deletion.id)).status).toBe("succeeded");
    const ofServer = `CloudNexusResourceId = '${id}' AND CloudNexusImage`;
    await expectFound(`${ofServer} = 'debian-12'`, [`create-server/${id}/1`, `stop-server/${id}/1`]);
    await expectFound(`${ofServer} = 'ubuntu-22.04'`, [`delete-server/${id}/1`, `rebuild-server/${id}/1`]);

    await world.enginesOffered();
    const database = (await world.api.createDatabase("of-an-engine")).body.data;
    expect((await world.api.actionEnd(database.action_id)).status).toBe("succeeded");
    const restart = (await world.api.actOnDatabase(database.id, "restart")).body.data;
    expect((await world.api.actionEnd(restart.id)).status).toBe("succeeded");
    const [row] = await world.sql<{ image: string }>("SELECT engine || '-' || major AS image FROM databases");
    const ofDatabase = `CloudNexusResourceId = '${database.id}' AND CloudNexusImage = '${row?.image}'`;
    await expectFound(ofDatabase, [`create-database/${database.id}/1`, `restart-database/${database.id}/1`]);
  });

  it("is found by the hold that it waits for, as long as it waits", async () => {
    failing = null;
    const operator = await createOperator(world);
    const [first, second] = [
      await operator.hold({ step: "create_instance" }),
      await operator.hold({ step: "wait_for_ssh" }),
    ];
    const { id, action_id } = (await world.api.createServer("searched-held")).body.data;
    const workflow = `create-server/${id}/1`;
    const waits = (hold: string) => `CloudNexusHoldId = '${hold}' AND ExecutionStatus = 'Running'`;
    await expectFound(waits(first), [workflow]);
    await operator.release(first);
    await expectFound(waits(second), [workflow]);
    expect(await found(waits(first))).toEqual([]);
    await operator.release(second);
    expect((await world.api.actionEnd(action_id)).status).toBe("succeeded");
    await expectFound(`CloudNexusResourceId = '${id}' AND CloudNexusHoldId IS NULL`, [workflow]);
  });

  it("is found in a namespace that somebody else made, once a worker has started there", async () => {
    const namespace = `searched-${randomUUID()}`;
    const { connection } = world.temporal;
    await connection.workflowService.registerNamespace({
      namespace,
      // The type wants a Long; the encoder takes a number.
      workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
    });
    const client = new Client({ connection, namespace });
    const names = async () =>
      Object.keys((await connection.operatorService.listSearchAttributes({ namespace })).customAttributes);
    await waitUntil("the namespace is known", () =>
      names().then(
        () => true,
        () => false,
      ),
    );
    expect((await names()).filter((name) => name.startsWith("CloudNexus"))).toEqual([]);
    await Promise.all([ensureSearchAttributes(client), ensureSearchAttributes(client)]);
    await ensureSearchAttributes(client);
    expect((await names()).filter((name) => name.startsWith("CloudNexus"))).toHaveLength(8);
  });
});
