import type { Command } from "commander";
import { defined } from "./request-fields.ts";
import type { Run } from "./run.ts";
import { buildTable, type ShownBuild } from "./tables/workers.ts";
import { id, reasonOption, refuseOtherWords, wholeNumber } from "./words.ts";

/** `workers …`: the builds of versioned workers, and on which of them new actions begin. */
export function addWorkers(program: Command, run: Run): void {
  const workers = refuseOtherWords(
    program.command("workers").description("the builds of versioned workers: list, set-current, ramp, rollback"),
  );
  workers
    .command("list", { isDefault: true })
    .description("the builds, and how many workers each has")
    .action(async () =>
      run.show(await run.api().call<ShownBuild[]>({ method: "GET", path: "/v1/operator/workers" }), buildTable),
    );
  workers
    .command("set-current")
    .description("new actions begin on it")
    .argument("<build>", "its id", id)
    .addOption(reasonOption())
    .action((build: string, { reason }: Reason) => change({ type: "set_current", build_id: build, reason }, run));
  workers
    .command("ramp")
    .description("so many of a hundred new actions begin on it; 0 ends the ramp")
    .argument("<build>", "its id", id)
    .option("--percent <n>", "of new actions", wholeNumber)
    .addOption(reasonOption())
    .action((build: string, { percent, reason }: Reason & { percent?: number }) =>
      change({ type: "ramp", build_id: build, percent, reason }, run),
    );
  workers
    .command("rollback")
    .description("ends a ramp, or goes back to the build that was current before")
    .addOption(reasonOption())
    .action(({ reason }: Reason) => change({ type: "rollback", reason }, run));
  workers.addHelpText(
    "after",
    `
Examples:
  $ cloudnexus workers ramp BUILD --percent 5 --reason "release 12"
  $ cloudnexus workers rollback --reason "workflow tasks fail"`,
  );
}

interface Reason {
  reason: string;
}

/** Answers with all builds, as they are then. */
async function change(fields: Record<string, string | number | undefined>, run: Run): Promise<void> {
  const body = defined(fields);
  run.show(
    await run.api().call<ShownBuild[]>({ method: "POST", path: "/v1/operator/workers/actions", body }),
    buildTable,
  );
}
