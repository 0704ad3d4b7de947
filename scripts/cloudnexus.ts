import { ACCOUNT_COMMANDS, runAccountCommand } from "./cli/accounts.ts";
import { ACTION_COMMANDS, runActions } from "./cli/actions.ts";
import { AUDIT_COMMANDS, runAudit } from "./cli/audit.ts";
import { type Command, optionName, readCommands } from "./cli/commands.ts";
import { printEvents } from "./cli/events.ts";
import { HOLD_COMMANDS, runHolds } from "./cli/holds.ts";
import { OperatorApi } from "./cli/operator-api.ts";
import { inFull, OPERATOR_COMMANDS } from "./cli/operators.ts";
import { toRequest, UsageError } from "./cli/request.ts";
import { runWorkersCommand, WORKERS_COMMANDS } from "./cli/workers.ts";

/**
 * Every call of the API as a command: `npm run --silent cloudnexus -- create-server --name web-01 --plan starter --region us-east-1`.
 * `audit`, which waits for the end of what it asks for, `actions` and `holds`, by which operators see and steer what all accounts do, and `workers`. And what only operators do, on the database: `account`. CLOUDNEXUS_API_KEY is the key, CLOUDNEXUS_URL where the API is. Ends with 1 if the answer is a failure, with 2 if the command line is wrong.
 */
const DEFAULT_URL = "http://127.0.0.1:8080";

async function main(typed: string[]): Promise<number> {
  const [name = "help", ...words] = inFull(typed);
  if (name === "account") return print(JSON.stringify(await runAccountCommand(words, process.env), null, 2));
  if (name === "audit") {
    const { text, exitCode } = await runAudit(words, {
      url: process.env["CLOUDNEXUS_URL"] ?? DEFAULT_URL,
      apiKey: process.env["CLOUDNEXUS_API_KEY"],
    });
    print(text);
    return exitCode;
  }
  if (name === "actions" || name === "holds") {
    const api = new OperatorApi({
      url: process.env["CLOUDNEXUS_URL"] ?? DEFAULT_URL,
      apiKey: process.env["CLOUDNEXUS_API_KEY"],
    });
    const { text, exitCode } = name === "actions" ? await runActions(words, api, print) : await runHolds(words, api);
    print(text);
    return exitCode;
  }
  if (name === "workers") {
    const url = process.env["CLOUDNEXUS_URL"] ?? DEFAULT_URL;
    return print(await runWorkersCommand(words, { url, apiKey: process.env["CLOUDNEXUS_API_KEY"] }));
  }
  const commands = readCommands();
  const command = commands.find((candidate) => candidate.name === name);
  if (name === "help") return print(help(commands, words[0]));
  if (!command) throw new UsageError(`there is no ${name}; help lists the commands`);
  const { path, ...request } = toRequest(command, words, process.env["CLOUDNEXUS_API_KEY"]);
  const response = await fetch(`${process.env["CLOUDNEXUS_URL"] ?? DEFAULT_URL}${path}`, request);
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

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
