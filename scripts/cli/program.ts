import { ACCOUNT_COMMANDS, runAccountCommand } from "./accounts.ts";
import { ACTION_COMMANDS, runActions } from "./actions.ts";
import { AUDIT_COMMANDS, runAudit } from "./audit.ts";
import { type Command, optionName, readCommands } from "./commands.ts";
import { printEvents } from "./events.ts";
import { HOLD_COMMANDS, runHolds } from "./holds.ts";
import { type Access, OperatorApi, type Outcome } from "./operator-api.ts";
import { inFull, OPERATOR_COMMANDS } from "./operators.ts";
import { toRequest, UsageError } from "./request.ts";
import { runWorkersCommand, WORKERS_COMMANDS } from "./workers.ts";

const DEFAULT_URL = "http://127.0.0.1:8080";

/**
 * Runs a command line; `print` gets what it says, line by line. `environment` says where the API is and with which key, and to `account` what the API itself is configured with. Answers the exit code. Throws `UsageError` where the command line is wrong, before anything was asked.
 */
export async function runCommandLine(
  typed: string[],
  environment: NodeJS.ProcessEnv,
  print: (text: string) => void,
): Promise<number> {
  const [name = "help", ...words] = inFull(typed);
  const access = { url: environment["CLOUDNEXUS_URL"] ?? DEFAULT_URL, apiKey: environment["CLOUDNEXUS_API_KEY"] };
  switch (name) {
    case "account":
      print(JSON.stringify(await runAccountCommand(words, environment), null, 2));
      return 0;
    case "audit":
      return tell(await runAudit(words, access), print);
    case "actions":
      return tell(await runActions(words, new OperatorApi(access), print), print);
    case "holds":
      return tell(await runHolds(words, new OperatorApi(access)), print);
    case "workers":
      print(await runWorkersCommand(words, access));
      return 0;
    case "help":
      print(help(readCommands(), words[0]));
      return 0;
    default:
      return callApi(name, words, access, print);
  }
}

function tell({ text, exitCode }: Outcome, print: (text: string) => void): number {
  print(text);
  return exitCode;
}

async function callApi(name: string, words: string[], access: Access, print: (text: string) => void): Promise<number> {
  const command = readCommands().find((candidate) => candidate.name === name);
  if (!command) throw new UsageError(`there is no ${name}; help lists the commands`);
  const { path, ...request } = toRequest(command, words, access.apiKey);
  const response = await fetch(`${access.url}${path}`, request);
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return printEvents(response);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  print(isJson ? JSON.stringify(JSON.parse(text), null, 2) : text.trimEnd());
  return response.ok ? 0 : 1;
}

function help(commands: Command[], name: string | undefined): string {
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    const ofApi = commands.map(({ name: of, hasId, summary }) => [`${of}${hasId ? " ID" : ""}`, summary]);
    return [
      ...ofApi,
      ...AUDIT_COMMANDS,
      ...ACTION_COMMANDS,
      ...HOLD_COMMANDS,
      ...WORKERS_COMMANDS,
      ...OPERATOR_COMMANDS,
      ...ACCOUNT_COMMANDS,
    ]
      .map(([usage = "", summary]) => `${usage.padEnd(36)} ${summary}`)
      .join("\n");
  }
  const lines = command.options.map(
    (option) => `  --${optionName(option).padEnd(18)} ${option.required ? "(required) " : ""}${option.description}`,
  );
  return [`cloudnexus ${command.name}${command.hasId ? " ID" : ""}: ${command.summary}`, ...lines].join("\n");
}
