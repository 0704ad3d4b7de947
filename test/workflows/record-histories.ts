import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { PayloadEncryption } from "../../src/temporal/payload-encryption.ts";
import { aroundActivities, failBefore } from "../support/activity-faults.ts";
import { decodedHistory } from "../support/decoded-history.ts";
import { HISTORIES_FOLDER, OUTCOMES } from "../support/recorded-outcomes.ts";
import { createWorld } from "../support/world.ts";

/** `npm run histories`: records the histories that replay.test.ts replays, decoded, so that a change to one can be read. */
describe("recording", () => {
  it.each(OUTCOMES)("%s", async (name, make) => {
    const world = await createWorld();
    try {
      let failing = "";
      await world.startWorker([aroundActivities((activity) => (activity === failing ? failBefore : undefined))]);
      const workflowId = await make(world, (activity) => (failing = activity));
      const handle = world.temporal.workflow.getHandle(workflowId);
      await handle.result().catch(() => undefined);
      const codec = new PayloadEncryption(world.config.secrets.codecKeys);
      const history = await decodedHistory(await handle.fetchHistory(), codec);
      mkdirSync(HISTORIES_FOLDER, { recursive: true });
      writeFileSync(join(HISTORIES_FOLDER, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
    } finally {
      await world.close();
    }
  });
});
