import type { Command } from "commander";
import { addOperation } from "./operation-command.ts";
import { operationNamed } from "./operations.ts";
import type { Run } from "./run.ts";
import { accountLines, type ShownAccount } from "./tables/accounts.ts";
import { refuseOtherWords } from "./words.ts";

/** `accounts …`: accounts and their limits, by the operator API. */
export function addAccounts(program: Command, run: Run): void {
  const accounts = refuseOtherWords(
    program
      .command("accounts")
      .description("accounts and their limits: list, show, create, set-limits, suspend, resume"),
  );
  const id = "account";
  addOperation(accounts, run, operationNamed("list-accounts"), { name: "list", isDefault: true });
  const table = (data: ShownAccount) => accountLines(data);
  addOperation(accounts, run, operationNamed("show-account"), { name: "show", id, table });
  addOperation(accounts, run, operationNamed("create-account"), { name: "create" });
  addOperation(accounts, run, operationNamed("set-account-limits"), { name: "set-limits", id, table });
  addOperation(accounts, run, operationNamed("suspend-account"), { name: "suspend", id, table });
  addOperation(accounts, run, operationNamed("resume-account"), { name: "resume", id, table });
  accounts.addHelpText(
    "after",
    `
Examples:
  $ cloudnexus accounts create --name acme --reason "signed up"
  $ cloudnexus accounts set-limits acc_… --servers 20 --vcpus null --reason "a larger contract"
  $ cloudnexus accounts suspend acc_… --reason "unpaid since March"`,
  );
}
