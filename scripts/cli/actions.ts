import type { Command } from "commander";
import { type ActionFilter, addFilter, filterOf } from "./action-filter.ts";
import { ACTIONS, actionPath } from "./action-path.ts";
import { addRetry } from "./actions-retry.ts";
import { addWatch } from "./actions-watch.ts";
import { defined, queryOf } from "./request-fields.ts";
import type { Run } from "./run.ts";
import { actionLines, actionTable, type ShownAction } from "./tables/actions.ts";
import { id, reasonOption, refuseOtherWords, text } from "./words.ts";

/** `actions …`: what all accounts do. */
export function addActions(program: Command, run: Run): void {
  const actions = refuseOtherWords(
    program.command("actions").description("what all accounts do: list, show, watch, cancel, retry"),
  );
  addList(actions, run);
  addShow(actions, run);
  addWatch(actions, run);
  addCancel(actions, run);
  addRetry(actions, run);
  actions.addHelpText(
    "after",
    `
Examples:
  $ cloudnexus actions list --status running --older-than 10m
  $ cloudnexus actions watch act_…
  $ cloudnexus actions retry --error-code boot_timeout --region us-east-1 --rate 30/m --reason "the network is back"`,
  );
}

interface ListOptions extends ActionFilter {
  status?: string;
  type?: string;
  limit: string;
}

function addList(actions: Command, run: Run): void {
  addFilter(actions.command("list", { isDefault: true }).description("the latest, newest first"))
    .option("--status <status>", "running, succeeded, failed or cancelled", text)
    .option("--type <type>", "create, delete, rebuild, …", text)
    .option("--limit <n>", "so many, at most 100", text, "50")
    .action(async ({ status, type, limit, ...filter }: ListOptions) => {
      const query = { per_page: limit, ...filterOf(filter), ...defined({ status, type }) };
      const path = `${ACTIONS}${queryOf(query)}`;
      const answer = await run.api().call<ShownAction[]>({ method: "GET", path });
      run.show(answer, (found) => actionTable(found, answer.total));
    });
}

function addShow(actions: Command, run: Run): void {
  actions
    .command("show")
    .description("one of them, with its steps and what it is about to do")
    .argument("<id>", "of the action", id)
    .action(async (action: string) => {
      const path = actionPath(action);
      run.show(await run.api().call<ShownAction>({ method: "GET", path }), actionLines);
    });
}

function addCancel(actions: Command, run: Run): void {
  actions
    .command("cancel")
    .description("stops a create that is running")
    .argument("<id>", "of the action", id)
    .addOption(reasonOption())
    .action(async (action: string, body: { reason: string }) => {
      const path = `${actionPath(action)}/cancel`;
      run.show(await run.api().call({ method: "POST", path, body }), () => [`${action} is asked to cancel`]);
    });
}
