import { ApplicationFailure } from "@temporalio/common";
import proto from "@temporalio/proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aroundActivities, failBefore } from "../support/activity-faults.ts";
import { createSshKey } from "../support/ssh-keys.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const { History } = proto.temporal.api.history.v1;

let world: World;
let sshKeyId: string;
let failing = "";

beforeAll(async () => {
  world = await createWorld();
  await world.startWorker([aroundActivities((activity) => (activity === failing ? failBefore : undefined))]);
  sshKeyId = await createSshKey(world.api);
});
afterAll(() => world.close());

/** A create to its end: its ids and what else its payloads say, and how it failed. */
async function create(name: string, failAt = "") {
  failing = failAt;
  const { id, action_id, ipv4 } = (await world.api.createServer(name, { ssh_keys: [sshKeyId] })).body.data;
  const workflowId = `create-server/${id}/1`;
  // A busy machine answers before it has begun.
  await world.api.actionEnd(action_id);
  const failure = await world.temporal.workflow
    .getHandle(workflowId)
    .result()
    .then(
      () => null,
      (error: unknown) => error as Error,
    );
  const [row] = await world.sql<{ account_id: string; request_id: string }>(
    "SELECT account_id, request_id FROM actions WHERE id = $1",
    [action_id],
  );
  // There is no address in the answer of a create that failed at it, or of one on a busy machine.
  const secrets = [id, row!.account_id, row!.request_id, (ipv4 as string | null) ?? "10.88.", "ubuntu-22.04"];
  return { workflowId, actionId: action_id, secrets, failure };
}

/** The bytes that Temporal has, without that by which it finds the workflow: ids of workflow and update, which are made of our ids, and search attributes, which are ids and codes. */
async function storedBytes({ workflowId, actionId }: { workflowId: string; actionId: string }): Promise<string> {
  const { history } = await world.temporal.workflowService.getWorkflowExecutionHistory({
    namespace: world.temporal.options.namespace,
    execution: { workflowId },
  });
  for (const { workflowExecutionStartedEventAttributes, upsertWorkflowSearchAttributesEventAttributes } of history!
    .events!) {
    delete workflowExecutionStartedEventAttributes?.searchAttributes;
    delete upsertWorkflowSearchAttributesEventAttributes?.searchAttributes;
  }
  const bytes = Buffer.from(History.encode(history!).finish()).toString("latin1");
  return bytes.replaceAll(workflowId, "").replaceAll(actionId, "");
}

describe("what Temporal stores of a create", () => {
  it("that succeeds tells nothing of its payloads", async () => {
    const created = await create("encrypted");
    expect(created.failure).toBeNull();
    const stored = await storedBytes(created);
    expect(stored).toContain("binary/encrypted");
    for (const secret of created.secrets) expect(stored).not.toContain(secret);
    // What the SDK itself notes of local activities, and nothing else, is plain.
    expect(stored.match(/json\/(plain|protobuf)/g)?.length).toBe(stored.match(/"activity_type"/g)?.length);
  });

  it.each(["allocateIpAddress", "createInstance"])(
    "that fails at %s keeps messages and stacks, encrypted",
    async (at) => {
      const created = await create(`encrypted-${at.toLowerCase()}`, at);
      const stored = await storedBytes(created);
      for (const secret of created.secrets) expect(stored).not.toContain(secret);
      expect(stored).toContain("Encoded failure");
      expect(stored).not.toMatch(/a fault of the test|infrastructure could|\.ts:\d|node_modules/);

      const messages: string[] = [];
      for (let cause: unknown = created.failure; cause instanceof Error; cause = cause.cause)
        messages.push(cause.message);
      expect(messages.at(-1)).toBe("a fault of the test");
      expect(messages.join()).not.toContain("Encoded failure");
    },
  );

  it("has a summary that only those with the key can read", async () => {
    const created = await create("summarised");
    const handle = world.temporal.workflow.getHandle(created.workflowId);
    const description = await handle.describe();
    expect(await description.staticSummary()).toBe(`create server ${created.secrets[0]} in us-east-1`);
    const metadata = Buffer.from(description.raw.executionConfig?.userMetadata?.summary?.data ?? []);
    expect(metadata.length).toBeGreaterThan(0);
    expect(metadata.toString("latin1")).not.toContain("create server");
  });
});

/** What the timeline of Temporal's UI says of activities and timers, in the order of the history. */
async function summaries(workflowId: string): Promise<string[]> {
  const { history } = await world.temporal.workflowService.getWorkflowExecutionHistory({
    namespace: world.temporal.options.namespace,
    execution: { workflowId },
  });
  const { payloadCodecs, payloadConverter } = world.temporal.options.loadedDataConverter;
  const texts: string[] = [];
  for (const event of history!.events!) {
    const { userMetadata, workflowExecutionStartedEventAttributes: start, timerCanceledEventAttributes: end } = event;
    if (start || end) continue;
    let payloads = userMetadata?.summary ? [userMetadata.summary] : [];
    for (const codec of payloadCodecs) payloads = await codec.decode(payloads);
    texts.push(...payloads.map((payload) => payloadConverter.fromPayload<string>(payload)));
  }
  return texts;
}

describe("the timeline of a create", () => {
  it("says what each step is for, and each undo, which only those with the key can read", async () => {
    const created = await create("timeline", "waitForSsh");
    const told = await summaries(created.workflowId);
    expect(told).toEqual([
      "deadline of the action",
      ...["allocate IP address", "reserve capacity", "resolve image", "attach SSH keys", "create instance"].map(
        (step, index) => `step ${index + 1} of 8: ${step}`,
      ),
      "step 6 of 8: start instance",
      "step 7 of 8: wait for SSH",
      ...["stop instance", "delete instance", "detach SSH keys", "release capacity", "release IP address"].map(
        (undo) => `undo: ${undo}`,
      ),
      "end of the action: mark failed",
    ]);
    const stored = await storedBytes(created);
    for (const text of told) expect(stored).not.toContain(text);
  });
});

describe("a failed update", () => {
  it("tells its code and its message", async () => {
    const updateError = async (name: string) => {
      const { workflowId, actionId } = await create(name, "allocateIpAddress");
      const update = world.temporal.workflow.getHandle(workflowId).getUpdateHandle(actionId);
      return update.result().then(
        () => null,
        (thrown: unknown) => (thrown as Error).cause,
      );
    };
    let error: unknown;
    let tried = 0;
    // A create that a busy API had to leave to the sweep has no update.
    await waitUntil("an update was refused", async () => {
      error = await updateError(`refused-${tried++}`);
      return error instanceof ApplicationFailure;
    });
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({ type: "infrastructure_error" });
    expect((error as Error).message).toMatch(/^allocate_ip_address: /);
  });
});
