import { afterAll, beforeAll, expect, it } from "vitest";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { createOperator, type Operator } from "../support/operator.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** What operators are told of a step that is under way. */

const WAIT = { heartbeat: () => undefined, signal: new AbortController().signal };

let world: World;
let operator: Operator;

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker();
  operator = await createOperator(world);
});
afterAll(() => world.close());

it("a create that waits for SSH tells how often it has asked, and what came of it", async () => {
  const hold = await operator.hold({ step: "wait_for_ssh" });
  const { id, action_id: actionId } = (await world.api.createServer("silent")).body.data;
  const { account_id: accountId } = await operator.waitsFor(hold, actionId);
  const [options] = world.config.infrastructures.filter(({ region }) => region === "us-east-1");
  const driver = createIncusDriver({ ...options!, tls: null });
  const owner = { id, kind: "server" as const, accountId, region: "us-east-1" };
  await driver.stopInstance(owner, 0, WAIT);
  await operator.release(hold);

  const told = async () => {
    const { pending } = (await operator.action(actionId)) as unknown as { pending: { progress: string | null }[] };
    return pending[0] ?? null;
  };
  await waitUntil("it has asked in vain", async () => (await told())?.progress?.includes("nothing answers") ?? false);
  expect(await told()).toMatchObject({
    ...{ activity: "wait_for_ssh", attempt: 1, next_attempt_at: null, last_failure: null },
    progress: expect.stringMatching(/^asks whether it answers, try \d+: nothing answers$/),
  });
  await driver.startInstance(owner, WAIT);
  await driver.close();
  expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
});
