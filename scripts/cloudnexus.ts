import { runCommandLine } from "./cli/program.ts";

/** Every call of the API as a command, and the commands of operators: `npx cloudnexus --help`. */
const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());

process.exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  isTerminal: process.stdout.isTTY,
  ...(process.stdout.isTTY && { columns: process.stdout.columns }),
  print: (text) => process.stdout.write(`${text}\n`),
  tell: (text) => process.stderr.write(`${text}\n`),
  signal: interruption.signal,
});
