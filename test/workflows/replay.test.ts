import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "@temporalio/worker";
import { describe, expect, it } from "vitest";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import { HISTORIES_FOLDER, OUTCOMES } from "../support/recorded-outcomes.ts";

/**
 * Recorded histories of every workflow and outcome. One that no longer replays means that workflows under way would break when the change is deployed: it needs
 * a patch or a new version (docs/add-a-workflow.md). `npm run histories` records them anew, for changes to workflows that never ran anywhere.
 */
describe("a recorded history", () => {
  const files = readdirSync(HISTORIES_FOLDER).filter((file) => file.endsWith(".json"));

  it("exists for every outcome", () => {
    expect(files.sort()).toEqual(OUTCOMES.map(([name]) => `${name}.json`).sort());
  });

  it.each(files)("%s replays with the present workflows", async (file) => {
    const history: unknown = JSON.parse(readFileSync(join(HISTORIES_FOLDER, file), "utf8"));
    const bundle = await workflowBundle();
    await Worker.runReplayHistory({ workflowBundle: bundle }, history, file);
  });

  it("of a changed workflow does not replay", async () => {
    const history = JSON.parse(readFileSync(join(HISTORIES_FOLDER, "create-server-succeeded.json"), "utf8")) as {
      events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
    };
    const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
    scheduled!.activityTaskScheduledEventAttributes!.activityType.name = "somethingElse";
    const bundle = await workflowBundle();
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history)).rejects.toThrow();
  });
});
