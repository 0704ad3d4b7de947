/**
 * npm run test:fuzz [-- --seconds N]
 *
 * Schemathesis against the running API in the sandbox: requests made from the contract file, by field, at its edges, at random, and in sequences that follow what was made. The
 * random ones and the sequences go on for N seconds. First what customers may call, and then, with a key of its own, what operators may: a hold of theirs would keep creates waiting.
 */
import { spawn } from "node:child_process";
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
/** More than 100,000 cases on two cores. */
const DEFAULT_SECONDS = "2400";
/** What only operators may call. */
const OPERATORS = "^/v1/operator/";

await runUntilStopped(main);

async function main(processes: Processes): Promise<number> {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: DEFAULT_SECONDS } } });
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
  const seconds = Number(values.seconds);
  const fuzz = (apiKey: string, paths: string[], forSeconds: number) =>
    runSchemathesis(python, dataDir, [`${address}/v1/openapi.json`, ...paths, "--max-time", String(forSeconds)], {
      CLOUDNEXUS_ADDRESS: address,
      CLOUDNEXUS_API_KEY: apiKey,
      CLOUDNEXUS_OWN_KEYS: ownKeys.join(),
    });

  const customers = await fuzz(stack.apiKey ?? "", ["--exclude-path-regex", OPERATORS], seconds);
  const operators = await fuzz(operator.api_key, ["--include-path-regex", OPERATORS], Math.ceil(seconds / 4));
  // Whoever is refused everywhere finds nothing.
  if ((await keysOf(address, stack.apiKey ?? "")).length === 0) throw new Error("the keys were lost on the way");
  return Math.max(customers, operators);
}

/** How it ended. */
async function runSchemathesis(
  python: string,
  cwd: string,
  words: string[],
  environment: Record<string, string>,
): Promise<number> {
  const config = ["--config-file", join(FOLDER, "schemathesis.toml")];
  const fuzzer = spawn(python, ["-m", "schemathesis.cli", ...config, "run", ...words], {
    cwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment, SCHEMATHESIS_HOOKS: join(FOLDER, "hooks.py") },
    signal: interruption,
  });
  const [code] = (await once(fuzzer, "exit")) as [number | null];
  return code ?? 1;
}

/** The ids of the account's keys, which are left alone: without them nothing would be answered any more. */
async function keysOf(address: string, apiKey: string): Promise<string[]> {
  const response = await fetch(`${address}/v1/api_keys?per_page=100`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (response.status !== 200) throw new Error(`the fuzzer's own API key was lost on the way: ${response.status}`);
  return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}
