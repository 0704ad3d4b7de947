import { Command, CommanderError, Option } from "commander";
import { DomainError } from "../../src/domain/domain-error.ts";
import { addAccounts } from "./accounts.ts";
import { addActions } from "./actions.ts";
import { Refusal, Unreachable } from "./api.ts";
import { addAudit } from "./audit.ts";
import { EXIT, EXIT_MEANINGS, type ExitCode } from "./exit-codes.ts";
import { addHolds } from "./holds.ts";
import { addKeys } from "./keys.ts";
import { addOperation } from "./operation-command.ts";
import { readOperations } from "./operations.ts";
import { addOwnerAccount } from "./owner-account.ts";
import { addQueues } from "./queues.ts";
import { addRegions } from "./regions.ts";
import { json, Run, type Surroundings } from "./run.ts";
import { refuseWord } from "./words.ts";
import { addWorkers } from "./workers.ts";

const WIDTH = 100;

/** Runs a command line and answers its exit code; whatever goes wrong is told, and not thrown. */
export async function runCommandLine(words: string[], surroundings: Surroundings): Promise<ExitCode> {
  const run = new Run(surroundings);
  try {
    await createProgram(run).parseAsync(words.length === 0 ? ["help"] : words, { from: "user" });
    return run.exitCode;
  } catch (error) {
    return endOf(error, run);
  }
}

function endOf(error: unknown, run: Run): ExitCode {
  // It has told what is wrong by itself; 0: it was asked for help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (run.surroundings.signal?.aborted) return EXIT.interrupted;
  if (error instanceof Refusal && run.isJson) run.print([json(error.answer)]);
  run.tell(messageOf(error));
  return error instanceof Unreachable ? EXIT.unreachable : EXIT.refused;
}

function messageOf(error: unknown): string {
  if (error instanceof DomainError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

function createProgram(run: Run): Command {
  const program = new Command("cloudnexus");
  const { columns = WIDTH, isTerminal } = run.surroundings;
  program
    .description(
      "Every call of the API as a command, and the commands of operators. CLOUDNEXUS_API_KEY is the key, CLOUDNEXUS_URL where the API is (http://127.0.0.1:8080).",
    )
    .addOption(
      new Option("-o, --output <format>", "anywhere on the line; a table on a terminal if it is not said").choices([
        "table",
        "json",
      ]),
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => run.print([text.trimEnd()]),
      writeErr: (text) => run.tell(text.trimEnd()),
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => isTerminal,
      getErrHasColors: () => isTerminal,
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help shows what there is)")
    .helpCommand(false)
    .hook("preAction", (_, command) => run.begin(command));

  program.commandsGroup("Operators, across all accounts (a key with the scope operator):");
  for (const add of [addActions, addHolds, addAudit, addAccounts, addKeys, addWorkers, addRegions, addQueues])
    add(program, run);
  program.commandsGroup("On the database, where no key is yet:");
  addOwnerAccount(program, run);
  for (const operation of readOperations()) {
    program.commandsGroup(`${operation.tag}:`);
    addOperation(program, run, operation);
  }
  program.commandsGroup("Help:");
  addHelp(program);
  return program.addHelpText("after", `\nExit codes:\n${exitCodes()}\n\n${EXAMPLES}`);
}

const EXAMPLES = `Examples:
  $ cloudnexus create-server --name web-01 --plan starter --region us-east-1
  $ cloudnexus actions list --status failed --younger-than 2h
  $ cloudnexus -o json list-servers | jq -r '.data[].id'
  $ cloudnexus help actions retry`;

function exitCodes(): string {
  return Object.entries(EXIT_MEANINGS)
    .map(([code, meaning]) => `  ${code.padEnd(4)} ${meaning}`)
    .join("\n");
}

function addHelp(program: Command): void {
  program
    .command("help")
    .description("what there is, or what a command takes")
    .argument("[words...]", "a command")
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const next = command.commands.find((one) => one.name() === word);
        if (next === undefined) refuseWord(command, word);
        else command = next;
      }
      command.outputHelp();
    });
}
