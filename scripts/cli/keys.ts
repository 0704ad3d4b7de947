import type { Command } from "commander";
import { addOperation } from "./operation-command.ts";
import { operationNamed } from "./operations.ts";
import type { Run } from "./run.ts";
import { keyTable } from "./tables/keys.ts";

/** `keys …`: the API keys of any account, by the operator API. */
export function addKeys(program: Command, run: Run): void {
  const keys = program.command("keys").description("the API keys of any account: list, create, revoke");
  addOperation(keys, run, operationNamed("list-account-keys"), { name: "list", id: "account", table: keyTable });
  addOperation(keys, run, operationNamed("create-account-key"), { name: "create", id: "account" });
  addOperation(keys, run, operationNamed("revoke-account-key"), { name: "revoke", id: "key" });
  keys.addHelpText(
    "after",
    `
Examples:
  $ cloudnexus keys create acc_… --name recovery --scopes '*' --reason "has lost its own"
  $ cloudnexus keys revoke ak_… --reason leaked`,
  );
}
