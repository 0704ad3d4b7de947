import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { describe, it } from "vitest";
import { aroundActivities, failBefore } from "../support/activity-faults.ts";
import { HISTORIES_FOLDER, OUTCOMES } from "../support/recorded-outcomes.ts";
import { createWorld } from "../support/world.ts";

/** What a history says of the machine it was recorded on. */
const LEFT_OUT = new Set(["stackTrace", "identity"]);

/** `npm run histories`: records the histories that replay.test.ts replays. */
describe("recording", () => {
  it.each(OUTCOMES)("%s", async (name, make) => {
    const world = await createWorld();
    try {
      let failing = "";
      await world.startWorker([aroundActivities((activity) => (activity === failing ? failBefore : undefined))]);
      const workflowId = await make(world, (activity) => (failing = activity));
      const handle = world.temporal.workflow.getHandle(workflowId);
      await handle.result().catch(() => undefined);
      const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()), (key, value: unknown) =>
        LEFT_OUT.has(key) ? undefined : value,
      );
      mkdirSync(HISTORIES_FOLDER, { recursive: true });
      writeFileSync(join(HISTORIES_FOLDER, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
    } finally {
      await world.close();
    }
  });
});
