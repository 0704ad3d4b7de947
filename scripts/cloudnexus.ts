import { runCommandLine } from "./cli/program.ts";
import { UsageError } from "./cli/request.ts";

/**
 * Every call of the API as a command: `npm run --silent cloudnexus -- create-server --name web-01 --plan starter --region us-east-1`.
 * `audit`, which waits for the end of what it asks for, `actions` and `holds`, by which operators see and steer what all accounts do, and `workers`. And what only operators do, on the database: `account`. CLOUDNEXUS_API_KEY is the key, CLOUDNEXUS_URL where the API is. Ends with 1 if the answer is a failure, with 2 if the command line is wrong.
 */
runCommandLine(process.argv.slice(2), process.env, (text) => process.stdout.write(`${text}\n`)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
