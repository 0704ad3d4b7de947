import type { Command } from "commander";
import { actionPath } from "./action-path.ts";
import { EXIT } from "./exit-codes.ts";
import type { Run } from "./run.ts";
import { endOf, type ShownAction, stepLine } from "./tables/actions.ts";
import { id } from "./words.ts";

const POLL_MS = 500;

/** `actions watch`: what is new of an action, until it has ended. */
export function addWatch(actions: Command, run: Run): void {
  actions
    .command("watch")
    .description("its steps as they go, until it has ended; with -o json the action, a line each time it has changed")
    .argument("<id>", "of the action", id)
    .action(async (action: string) => {
      const end = await watch(action, run);
      if (end.status !== "succeeded") run.exitCode = EXIT.notAsWished;
    });
}

async function watch(action: string, run: Run): Promise<ShownAction> {
  const path = actionPath(action);
  const told = new Set<string>();
  for (;;) {
    const { data } = await run.api().call<ShownAction>({ method: "GET", path });
    const lines = run.isJson
      ? [JSON.stringify(data)]
      : data.steps.flatMap((step) => stepLine(step, data.waits_for) ?? []);
    run.print(lines.filter((line) => !told.has(line)));
    for (const line of lines) told.add(line);
    if (data.status !== "running") {
      if (!run.isJson) run.print([endOf(data)]);
      return data;
    }
    await run.wait(POLL_MS);
  }
}
