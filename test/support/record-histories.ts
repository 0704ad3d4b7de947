import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { PayloadEncryption } from "../../src/temporal/payload-encryption.ts";
import { decodedHistory } from "./decoded-history.ts";
import { removePresentHistoriesBut, writePresentHistory } from "./history-files.ts";
import { OUTCOMES, type Outcome } from "./recorded-outcomes.ts";
import { openStage, type Stage } from "./recording-stage.ts";

/** `npm run histories -- record`: records the histories that replay.test.ts replays, decoded, so that a change to one can be read. */
export function describeRecording(outcomes: Outcome[]): void {
  describe("recording", () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await openStage();
    });
    afterEach(() => stage.clear());
    afterAll(async () => {
      removePresentHistoriesBut(new Set(OUTCOMES.map(([name]) => name)));
      await stage.world.close();
    });

    it.each(outcomes)("%s", async (name, make) => {
      const { temporal, config } = stage.world;
      const handle = temporal.workflow.getHandle(await make(stage));
      await handle.result().catch(() => undefined);
      const codec = new PayloadEncryption(config.secrets.codecKeys);
      writePresentHistory(name, await decodedHistory(await handle.fetchHistory(), codec));
    });
  });
}
