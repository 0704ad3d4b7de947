import type { Command } from "commander";
import { addOperation } from "./operation-command.ts";
import { operationNamed } from "./operations.ts";
import type { Run } from "./run.ts";
import { refuseOtherWords } from "./words.ts";

/** `queues`: whether workers keep up. */
export function addQueues(program: Command, run: Run): void {
  const queues = refuseOtherWords(
    program
      .command("queues")
      .description("what waits in the task queues, for how long, and how many workers ask for it"),
  );
  addOperation(queues, run, operationNamed("list-queues"), { name: "list", isDefault: true });
}
