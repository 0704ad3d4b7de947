/**
 * npm run test:fuzz [-- --cases N | --seconds S]
 *
 * Schemathesis against the running API in the sandbox: requests made from the contract file, by field, at its edges, at random, and in sequences that follow what was made.
 * Rounds, each with a seed of its own, go on until N cases of customers were made (100,000), or one round for S seconds. First what customers may call, and then, with a key of its own, what operators may: a hold of theirs would keep creates waiting.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseInfrastructure } from "../../scripts/platform/infrastructure.ts";
import { interruption } from "../../scripts/platform/interruption.ts";
import { type Processes, runUntilStopped } from "../../scripts/platform/processes.ts";
import { consoleProgress } from "../../scripts/platform/progress.ts";
import { readSettings } from "../../scripts/platform/settings.ts";
import { startStack } from "../../scripts/platform/stack.ts";
import { runCli } from "../support/command-line.ts";
import { ensurePythonEnvironment } from "../support/python-environment.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const DEFAULT_CASES = "100000";
/** Of a round where cases are counted; operators have a quarter of it. */
const ROUND_SECONDS = 600;
/** As many rounds with nothing new to make would go on for ever. */
const ROUNDS_MAX = 20;
/** What only operators may call. */
const OPERATORS = "^/v1/operator/";

await runUntilStopped(main);

async function main(processes: Processes): Promise<number> {
  const { values } = parseArgs({
    options: { seconds: { type: "string" }, cases: { type: "string", default: DEFAULT_CASES } },
  });
  const progress = consoleProgress();
  const requirements = join(FOLDER, "requirements.txt");
  const python = await ensurePythonEnvironment({ name: "schemathesis", requirements }, progress);

  const dataDir = await mkdtemp(join(tmpdir(), "cloudnexus-fuzz-"));
  processes.defer("the data folder", () => rm(dataDir, { recursive: true, force: true }));
  Object.assign(process.env, { PORT: "0", LOG_LEVEL: "warn" });
  const settings = readSettings({
    CLOUDNEXUS_DATA_DIR: dataDir,
    CLOUDNEXUS_CONFIG: join(FOLDER, "cloudnexus.yaml"),
    CLOUDNEXUS_INFRASTRUCTURE: "sandbox",
  });
  const chosen = await chooseInfrastructure(settings, progress.note);
  const stack = await startStack({ settings, ...chosen, processes, progress, mayChangeSystem: false });

  const accounts = { CLOUDNEXUS_DATA_DIR: stack.dataDir };
  const operatorArgs = [
    "account",
    "add-key",
    "--name",
    "default",
    "--key",
    "fuzz-operator",
    "--scope",
    "operator",
    "--reason",
    "fuzz",
  ];
  const operator = JSON.parse((await runCli(operatorArgs, { environment: accounts })).out) as { api_key: string };
  const address = stack.apiAddress;
  const ownKeys = await keysOf(address, stack.apiKey ?? "");
  const seconds = values.seconds === undefined ? ROUND_SECONDS : positive("--seconds", values.seconds);
  const cases = values.seconds === undefined ? positive("--cases", values.cases) : 0;
  const fuzz = (apiKey: string, paths: string[], forSeconds: number, seed: number) =>
    runSchemathesis(
      python,
      dataDir,
      [`${address}/v1/openapi.json`, ...paths, "--max-time", String(forSeconds), "--seed", String(seed)],
      {
        CLOUDNEXUS_ADDRESS: address,
        CLOUDNEXUS_API_KEY: apiKey,
        CLOUDNEXUS_OWN_KEYS: ownKeys.join(),
      },
    );

  const firstSeed = randomInt(2 ** 31);
  const customers = { code: 0, cases: 0 };
  let rounds = 0;
  do {
    const round = await fuzz(stack.apiKey ?? "", ["--exclude-path-regex", OPERATORS], seconds, firstSeed + rounds);
    customers.code = Math.max(customers.code, round.code);
    customers.cases += round.cases;
    rounds++;
    // What was found is found again in every round.
  } while (customers.code === 0 && customers.cases < cases && rounds < ROUNDS_MAX);
  const operators = await fuzz(
    operator.api_key,
    ["--include-path-regex", OPERATORS],
    Math.ceil(seconds / 4),
    firstSeed,
  );
  // Whoever is refused everywhere finds nothing.
  if ((await keysOf(address, stack.apiKey ?? "")).length === 0) throw new Error("the keys were lost on the way");
  console.log(
    `${customers.cases} cases of customers in ${rounds} rounds, ${operators.cases} of operators; seeds from ${firstSeed}`,
  );
  if (customers.cases < Math.max(cases, 1)) {
    console.error(`fewer cases of customers than ${Math.max(cases, 1)}`);
    return 1;
  }
  return Math.max(customers.code, operators.code);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option} takes a whole number from 1 on`);
  return value;
}

/** How it ended, and how many cases it says it made; it is shown as it comes. */
async function runSchemathesis(
  python: string,
  cwd: string,
  words: string[],
  environment: Record<string, string>,
): Promise<{ code: number; cases: number }> {
  const config = ["--config-file", join(FOLDER, "schemathesis.toml")];
  const fuzzer = spawn(python, ["-m", "schemathesis.cli", ...config, "run", ...words], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...environment, SCHEMATHESIS_HOOKS: join(FOLDER, "hooks.py") },
    signal: interruption,
  });
  let output = "";
  fuzzer.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    output += text;
  });
  const [code] = (await once(fuzzer, "close")) as [number | null];
  const generated = /(\d[\d,]*) generated/.exec(output.slice(output.lastIndexOf("Test cases")))?.[1] ?? "0";
  return { code: code ?? 1, cases: Number(generated.replaceAll(",", "")) };
}

/** The ids of the account's keys, which are left alone: without them nothing would be answered any more. */
async function keysOf(address: string, apiKey: string): Promise<string[]> {
  const response = await fetch(`${address}/v1/api_keys?per_page=100`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (response.status !== 200) throw new Error(`the fuzzer's own API key was lost on the way: ${response.status}`);
  return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}
