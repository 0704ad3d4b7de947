import { setTimeout as delay } from "node:timers/promises";
import type { WorkflowHandle } from "@temporalio/client";
import proto from "@temporalio/proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workflowTaskQueue } from "../../src/domain/task-queues.ts";
import { SYNC_ENGINES_WORKFLOW_TYPE } from "../../src/domain/workflow-contracts.ts";
import { GRPC } from "../../src/temporal/grpc-codes.ts";
import { temporalWorkerFleet } from "../../src/temporal/worker-fleet.ts";
import { changedBundle } from "../support/changed-bundle.ts";
import { SERVER, workflowIdOf } from "../support/subjects.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

const { EventType, VersioningBehavior } = proto.temporal.api.enums.v1;
type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;

/** The next build looks for the image twice: a history of one does not replay on the other. */
const IMAGE = "const image = await _phases_ts__WEBPACK_IMPORTED_MODULE_2__.resolveImage(run);";
const ATTACH = 'run.begin("attach_ssh_keys");';
const BUILDS = { old: { looksForImage: 1 }, new: { looksForImage: 2 } };
type Build = keyof typeof BUILDS;

/** Creates begin so often: several are always under way. */
const CREATE_EVERY_MS = 150;
/** So many have to begin on a build before the next change of the routing. */
const BEGUN = 4;

let world: World;

beforeAll(async () => {
  world = await createWorld({ speed: "sandbox", addresses: 240 });
});
afterAll(() => world.close());

const as = (buildId: Build) => ({ config: { versioning: { buildId } } });

interface Ended {
  builds: Set<string>;
  looksForImage: number;
  failedTasks: number;
}

/** The events of a server's create so far; none where a busy API has answered before the workflow has begun. */
async function eventsOf(id: string): Promise<HistoryEvent[]> {
  const handle = world.temporal.workflow.getHandle(workflowIdOf(SERVER, "create", id));
  try {
    return (await handle.fetchHistory()).events ?? [];
  } catch (error) {
    if ((error as { code?: number }).code === GRPC.notFound) return [];
    throw error;
  }
}

/** What the history of a server's create tells. */
async function historyOf(id: string): Promise<Ended> {
  const events = await eventsOf(id);
  const completed = events.flatMap(({ workflowTaskCompletedEventAttributes: task }) => (task ? [task] : []));
  const scheduled = events.flatMap(({ activityTaskScheduledEventAttributes: activity }) => activity ?? []);
  return {
    builds: new Set(completed.map((task) => task.deploymentVersion?.buildId ?? "none")),
    looksForImage: scheduled.filter(({ activityType }) => activityType?.name === "resolveImage").length,
    failedTasks: events.filter(({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED).length,
  };
}

describe("two builds side by side, under a steady stream of creates", () => {
  it("each end what they began, through a ramp, its end, a change and the way back", async () => {
    const fleet = temporalWorkerFleet(world.temporal, world.config.temporal.taskQueuePrefix);
    await world.startWorker([], as("old"));
    // The first build of an installation serves without anybody's doing.
    expect(await fleet.builds()).toMatchObject([{ buildId: "old", status: "current" }]);
    const next = await changedBundle(
      `${IMAGE}\n        ${ATTACH}`,
      `${IMAGE.replace("const image =", "")} ${IMAGE} ${ATTACH}`,
    );
    await world.startWorker([], { ...as("new"), workflowBundle: next });
    await waitUntil("the next build is known", async () => (await fleet.builds()).length === 2);

    const creates: { id: string; action_id: string }[] = [];
    const steady = { goesOn: true };
    const customer = (async () => {
      for (let number = 1; steady.goesOn; number++) {
        const { status, body } = await world.api.createServer(`steady-${number}`);
        expect(status).toBe(201);
        creates.push(body.data);
        await delay(CREATE_EVERY_MS);
      }
    })();
    /** Waits for creates that begin from now on, on this build. */
    const begunOn = async (build: Build) => {
      const from = creates.length;
      await waitUntil(`creates begin on the ${build} build`, async () => {
        const begun = await Promise.all(creates.slice(from).map(({ id }) => historyOf(id)));
        return begun.filter(({ builds }) => builds.has(build)).length >= BEGUN;
      });
    };

    await begunOn("old");
    await fleet.ramp("new", 50);
    await begunOn("new");
    await begunOn("old");
    await fleet.ramp("new", 0);
    await begunOn("old");
    await fleet.setCurrent("new");
    await begunOn("new");
    await fleet.setCurrent("old");
    await begunOn("old");
    steady.goesOn = false;
    await customer;

    const counts = { old: 0, new: 0 };
    for (const { id, action_id: actionId } of creates) {
      expect((await world.api.actionEnd(actionId)).status).toBe("succeeded");
      const { builds, looksForImage, failedTasks } = await historyOf(id);
      expect(failedTasks).toBe(0);
      expect(builds.size).toBe(1);
      const build = [...builds][0] as Build;
      expect(looksForImage).toBe(BUILDS[build].looksForImage);
      counts[build]++;
    }
    expect(counts.old).toBeGreaterThan(BEGUN);
    expect(counts.new).toBeGreaterThan(BEGUN);
  });

  it("pin actions, and leave upkeep to any build", async () => {
    const { config } = world;
    const { workflow } = world.temporal;
    const { body } = await world.api.createServer("pinned");
    await world.api.actionEnd(body.data.action_id);
    const upkeep = await workflow.start(SYNC_ENGINES_WORKFLOW_TYPE, {
      taskQueue: workflowTaskQueue(config.temporal.taskQueuePrefix),
      workflowId: `upkeep-of-${config.temporal.taskQueuePrefix}`,
      args: [{ region: "us-east-1" }],
    });
    await upkeep.result();
    const behaviorOf = async (handle: WorkflowHandle) =>
      (await handle.describe()).raw.workflowExecutionInfo?.versioningInfo?.behavior;
    expect(await behaviorOf(workflow.getHandle(workflowIdOf(SERVER, "create", body.data.id)))).toBe(
      VersioningBehavior.VERSIONING_BEHAVIOR_PINNED,
    );
    expect(await behaviorOf(upkeep)).toBe(VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE);
  });
});
