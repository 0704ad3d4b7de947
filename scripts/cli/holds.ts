import type { Command } from "commander";
import { defined, queryOf } from "./request-fields.ts";
import type { Run } from "./run.ts";
import { holdTable, type ShownHold } from "./tables/holds.ts";
import { id, reasonOption, refuseOtherWords, text } from "./words.ts";

const PATH = "/v1/operator/holds";

/** `holds …`: steps, regions and hosts in which nothing begins for now. */
export function addHolds(program: Command, run: Run): void {
  const holds = refuseOtherWords(
    program
      .command("holds")
      .description("steps, regions and hosts in which nothing begins for now: list, add, release"),
  );
  addList(holds, run);
  addAdd(holds, run);
  addRelease(holds, run);
  holds.addHelpText(
    "after",
    `
Examples:
  $ cloudnexus holds add --region us-east-1 --reason "the hosts are being updated"
  $ cloudnexus holds release hld_… --reason "done"`,
  );
}

function addList(holds: Command, run: Run): void {
  holds
    .command("list", { isDefault: true })
    .description("what is held, and how many actions wait")
    .option("--all", "what was released, too")
    .action(async ({ all = false }: { all?: boolean }) => {
      const path = `${PATH}${queryOf({ per_page: 100, include_released: all })}`;
      run.show(await run.api().call<ShownHold[]>({ method: "GET", path }), holdTable);
    });
}

interface AddOptions {
  region?: string;
  host?: string;
  step?: string;
  kind?: string;
  reason: string;
}

function addAdd(holds: Command, run: Run): void {
  holds
    .command("add")
    .description("holds a step, a region, a host, or these together")
    .option("--region <region>", "all steps that touch it, or the one of --step", text)
    .option("--host <host>", "all regions on it", text)
    .option("--step <step>", "in all regions, or in the one of --region", text)
    .option("--kind <kind>", "only of servers or only of databases: server, database", text)
    .addOption(reasonOption())
    .action(async ({ kind, ...options }: AddOptions) => {
      const body = { ...options, ...defined({ resource_type: kind }) };
      const answer = await run.api().call<ShownHold>({ method: "POST", path: PATH, body });
      run.show(answer, ({ id: hold }) => [`${hold} is in force`]);
    });
}

function addRelease(holds: Command, run: Run): void {
  holds
    .command("release")
    .description("what waits goes on")
    .argument("<id>", "of the hold", id)
    .addOption(reasonOption())
    .action(async (hold: string, { reason }: { reason: string }) => {
      const path = `${PATH}/${encodeURIComponent(hold)}${queryOf({ reason })}`;
      run.show(await run.api().call({ method: "DELETE", path }), () => [`${hold} is released`]);
    });
}
