/**
 * npm run test:fuzz [-- --seconds N]
 *
 * Schemathesis against the running API in the sandbox: requests made from the contract file, by field, at its edges, at random, and in sequences that follow what was made. The
 * random ones and the sequences go on for N seconds.
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
import { ensurePythonEnvironment } from "../support/python-environment.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
/** About 100,000 requests on two cores. */
const DEFAULT_SECONDS = "1500";

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

  const target = `${stack.apiAddress}/v1/openapi.json`;
  const config = ["--config-file", join(FOLDER, "schemathesis.toml")];
  const fuzzer = spawn(python, ["-m", "schemathesis.cli", ...config, "run", target, "--max-time", values.seconds], {
    cwd: dataDir,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      CLOUDNEXUS_ADDRESS: stack.apiAddress,
      CLOUDNEXUS_API_KEY: stack.apiKey ?? "",
      SCHEMATHESIS_HOOKS: join(FOLDER, "hooks.py"),
    },
    signal: interruption,
  });
  const [code] = (await once(fuzzer, "exit")) as [number | null];
  // Whoever is refused everywhere finds nothing.
  const headers = { authorization: `Bearer ${stack.apiKey ?? ""}` };
  const { status } = await fetch(`${stack.apiAddress}/v1/servers`, { headers });
  if (status !== 200) throw new Error(`the fuzzer's own API key was lost on the way: ${status}`);
  return code ?? 1;
}
