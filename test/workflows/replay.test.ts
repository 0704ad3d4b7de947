import { Worker } from "@temporalio/worker";
import { beforeAll, describe, expect, it } from "vitest";
import { WORKFLOWS } from "../../src/domain/workflow-contracts.ts";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import { historyFiles, readHistory } from "../support/history-files.ts";
import { dashed } from "../support/recorded-lives.ts";
import { OUTCOMES } from "../support/recorded-outcomes.ts";

/**
 * Recorded histories of every workflow and outcome, of the present workflows and of those that have run somewhere before. One that no longer replays means that workflows
 * under way would break when the change is deployed: it needs a patch or a new version (docs/add-a-workflow.md).
 */
describe("a recorded history", () => {
  const files = historyFiles();
  /** Why it does not replay; null: it does. */
  const problems = new Map<string, Error | null>();

  beforeAll(async () => {
    const histories = files.map(({ name, path }) => ({ workflowId: name, history: readHistory(path) }));
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle: await workflowBundle() },
      histories,
    )) {
      problems.set(workflowId, error ?? null);
    }
  });

  it("exists for every outcome", () => {
    const present = files.map(({ name }) => name).filter((name) => name.startsWith("present/"));
    expect(present.sort()).toEqual(OUTCOMES.map(([name]) => `present/${name}`).sort());
  });

  it("exists for every workflow, succeeded and failed in each of its steps", () => {
    const names = new Set(OUTCOMES.map(([name]) => name));
    for (const [kind, actions] of Object.entries(WORKFLOWS)) {
      for (const [type, { steps }] of Object.entries<{ steps: readonly string[] }>(actions)) {
        const wanted = ["succeeded", ...steps.map((step) => `failed-at-${dashed(step)}`)];
        for (const outcome of wanted) expect(names).toContain(`${dashed(type)}-${kind}-${outcome}`);
      }
    }
  });

  it.each(files)("$name replays with the present workflows", ({ name }) => {
    expect(problems.get(name)).toBeNull();
  });

  it("of a changed workflow does not replay", async () => {
    const history = readHistory("test/histories/present/create-server-succeeded.json") as {
      events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
    };
    const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
    scheduled!.activityTaskScheduledEventAttributes!.activityType.name = "somethingElse";
    const bundle = await workflowBundle();
    await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history)).rejects.toThrow();
  });
});
