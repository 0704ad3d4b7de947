import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunningWorker } from "../../src/start-worker.ts";
import { changedBundle } from "../support/changed-bundle.ts";
import { sampled } from "../support/fault-sample.ts";
import { samplesIn } from "../support/prometheus.ts";
import { shownServer } from "../support/server-actions.ts";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

/** What an operator wants to know of within this time. */
const ALARM_MS = 60_000;

/** In createServer: the beginning of its steps, and a later one. */
const ADDRESS = "const address = await _phases_ts__WEBPACK_IMPORTED_MODULE_2__.allocateIpAddress(run);";
const CAPACITY = "await _phases_ts__WEBPACK_IMPORTED_MODULE_2__.reserveCapacity(run);";
const ATTACH = 'run.begin("attach_ssh_keys");';

const BAD_DEPLOYS = [
  {
    what: "workflows that were changed without a patch",
    reason: "nondeterminism",
    line: `${ADDRESS}\n        ${CAPACITY}`,
    to: ADDRESS,
  },
  { what: "a bug in a workflow", reason: "error", line: ATTACH, to: `null.length; ${ATTACH}` },
];

let world: World;
beforeEach(async () => {
  world = await createWorld({ metrics: true });
});
afterEach(() => world.close());

async function failuresOf(worker: RunningWorker): Promise<Record<string, number>> {
  const text = await (await fetch(worker.metricsAddress!)).text();
  const samples = samplesIn(text).filter(({ name }) => name === "cloudnexus_workflow_task_failures_total");
  return Object.fromEntries<number>(samples.map(({ labels, value }) => [labels["reason"] ?? "", value]));
}

describe.each(sampled("bad deploys", BAD_DEPLOYS))("a deploy of $what", ({ reason, line, to }) => {
  it("raises the alarm within a minute, and costs the action nothing once the right build is back", async () => {
    // A create that has done its steps on rows, and waits for a worker of its region.
    const good = await world.startWorker([], { config: { servedRegions: [] } });
    const { body } = await world.api.createServer("under-way");
    await waitUntil("its first steps are done", async () => {
      const { steps } = (await world.api.get(`/v1/actions/${body.data.action_id}`)).body.data;
      return steps[1]?.status === "succeeded";
    });
    const before = await failuresOf(good);
    await good.stop();

    const bad = await world.startWorker([], { workflowBundle: await changedBundle(line, to) });
    await waitUntil(
      "the alarm is raised",
      async () => ((await failuresOf(bad))[reason] ?? 0) > (before[reason] ?? 0),
      ALARM_MS,
    );
    expect((await world.api.get(`/v1/actions/${body.data.action_id}`)).body.data.status).toBe("running");
    await bad.stop();

    await world.startWorker();
    expect((await world.api.actionEnd(body.data.action_id)).status).toBe("succeeded");
    expect(await shownServer(world, body.data.id)).toMatchObject({ status: "active", error: null });
  });
});
