/**
 * `npm run quickstart`: a real server from a fresh checkout. Installs and prepares Incus where it is missing, starts CloudNexus, makes
 * a server through the public API and logs in to it. Stays up until Ctrl-C; with --once it deletes the server, checks that nothing is
 * left, and ends. Where there is no Incus to be had it does the same in the sandbox.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { simulatorSocketPath } from "../src/config/sandbox.ts";
import { DATABASE_ENGINES } from "../src/domain/database.ts";
import { ApiClient, type ServerJson } from "./platform/api-client.ts";
import { ensureApiKey } from "./platform/api-key.ts";
import {
  createServer,
  deleteServer,
  ensureKeyPair,
  ensureUploadedKey,
  findServer,
  logIn,
  sshArguments,
} from "./platform/first-server.ts";
import { ensureConfig, LOCAL_INCUS_CONFIG } from "./platform/generated-config.ts";
import { databaseImages } from "./platform/images/database-images.ts";
import { mayPrepare, prepareIncusHost, whyNoIncus } from "./platform/incus-host.ts";
import { type ChosenInfrastructure, chooseInfrastructure, sandbox, sandboxBanner } from "./platform/infrastructure.ts";
import { InterruptedError, untilInterrupted } from "./platform/interruption.ts";
import { findLeftovers } from "./platform/leftovers.ts";
import { oneLine } from "./platform/one-line.ts";
import { type Processes, runUntilStopped } from "./platform/processes.ts";
import { consoleProgress, type Progress } from "./platform/progress.ts";
import { readSettings, type Settings } from "./platform/settings.ts";
import { type Stack, startStack } from "./platform/stack.ts";
import { apiSummary, createServerCommand, shown } from "./platform/summary.ts";

const USAGE = `npm run quickstart -- [--once] [--yes] [--pool-gib N] [--databases LIST]
  --once            delete the server afterwards, check that nothing is left, and end
  --yes             do not ask before changing the system
  --pool-gib N      size of the storage pool, 20 if not given
  --databases LIST  engines to build images of: all, none, or postgresql, mysql, redis, mongodb with commas between;
                    PostgreSQL 17 if not given`;

interface Options {
  isOnce: boolean;
  isAnswered: boolean;
  poolGib: number;
  databases: string[];
}

await runUntilStopped(main);

async function main(processes: Processes): Promise<number> {
  const settings = readSettings(process.env);
  const options = await readOptions(settings);
  if (options === null) return 0;
  const progress = consoleProgress();
  const chosen = await choose(settings, options, processes, progress);
  if (chosen.sandboxReason !== null) console.log(sandboxBanner(chosen.sandboxReason));

  const withKey = await ensureApiKey(settings, chosen.infrastructure);
  const stack = await startStack({
    settings: withKey,
    ...chosen,
    processes,
    progress,
    mayChangeSystem: chosen.infrastructure === "incus",
  });
  const api = new ApiClient(stack.apiAddress, stack.apiKey ?? "");
  const keyPair = await ensureKeyPair(stack.dataDir);
  const keyId = await ensureUploadedKey(api, keyPair.publicKey);
  const region = Object.keys(stack.catalog.catalog.regions)[0] ?? "";
  const plan = Object.values(stack.catalog.catalog.plans).find(({ kinds }) => kinds.includes("server"))?.slug ?? "";
  const request = { plan, region, ssh_keys: [keyId] };

  const earlier = options.isOnce ? undefined : await findServer(api, keyId);
  const server =
    earlier ??
    (await progress.step(`Create a server (POST /v1/servers)`, (report) => createServer(api, request, report)));
  const ssh = sshArguments(stack.dataDir, keyPair.privateKeyFile, server);
  if (chosen.infrastructure === "incus") {
    const said = await logIn(
      ssh,
      "uname -n && . /etc/os-release && echo $PRETTY_NAME",
      progress,
      `Log in to ${server.name} over SSH`,
    );
    progress.note(`the server says: ${said.replaceAll("\n", ", ")}`);
  }
  if (options.isOnce) {
    await deleteAndCheck(api, stack, server, progress);
    console.log("\nquickstart: done, nothing is left behind");
    return 0;
  }
  const databases = await offeredDatabases(api);
  printSummary(stack, server, ssh, { name: "my-server", ...request }, chosen, databases);
  await untilInterrupted();
  return 0;
}

async function readOptions(settings: Settings): Promise<Options | null> {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      yes: { type: "boolean", short: "y", default: false },
      "pool-gib": { type: "string", default: "20" },
      databases: { type: "string", default: "postgresql-17" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return null;
  }
  const poolGib = Number(values["pool-gib"]);
  if (!Number.isInteger(poolGib) || poolGib < 4) throw new Error("--pool-gib: must be a whole number of at least 4");
  const databases = await databaseImages(values.databases);
  return { isOnce: values.once, isAnswered: values.yes || settings.isCi, poolGib, databases };
}

/** Incus on this machine where that is possible; else the sandbox, with the reason. A config file of the user's own is taken as it is. */
async function choose(
  settings: Settings,
  options: Options,
  processes: Processes,
  progress: Progress,
): Promise<ChosenInfrastructure> {
  if (settings.configFile !== null) return await chooseInfrastructure(settings, progress.note);
  if (settings.infrastructure === "sandbox") return await sandbox(settings, "CLOUDNEXUS_INFRASTRUCTURE says so");
  try {
    const obstacle = await whyNoIncus();
    if (obstacle !== null) throw new Error(obstacle);
    const { poolGib, databases } = options;
    if (!(await mayPrepare(poolGib, databases, options.isAnswered)))
      throw new Error("the system was to stay unchanged");
    const logDir = join(settings.dataDir, "logs");
    const daemon = await prepareIncusHost({ progress, logDir, poolGib, databases });
    processes.defer("the Incus daemon", () => stopDaemon(daemon.startedHere, daemon.stop));
    const configFile = await ensureConfig(join(settings.dataDir, "cloudnexus.yaml"), LOCAL_INCUS_CONFIG);
    return { infrastructure: "incus", configFile, sandboxReason: null };
  } catch (error) {
    if (error instanceof InterruptedError || settings.infrastructure === "incus") throw error;
    return await sandbox(settings, oneLine(error));
  }
}

async function stopDaemon(isOurs: boolean, stop: () => Promise<void>): Promise<void> {
  if (isOurs) console.log("stopping the Incus daemon and its servers; they come back with the next quickstart ...");
  await stop();
}

async function deleteAndCheck(api: ApiClient, stack: Stack, server: ServerJson, progress: Progress): Promise<void> {
  await progress.step(`Delete ${server.name} (DELETE /v1/servers/${server.id})`, () => deleteServer(api, server.id));
  await progress.step("Check that nothing is left", async () => {
    const region = stack.catalog.infrastructures.find((candidate) => candidate.region === server.region);
    if (!region) throw new Error(`the config names no region ${server.region}`);
    const isSandbox = stack.catalog.infrastructure === "sandbox";
    const endpoint = isSandbox ? `unix://${simulatorSocketPath(stack.dataDir)}` : region.endpoint;
    if (!endpoint.startsWith("unix://")) throw new Error(`${region.endpoint} is not on this machine: check there`);
    const left = await findLeftovers(region, endpoint.slice("unix://".length), server);
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  });
}

/** What databases can be had now, in a few words; the rest is offered. */
async function offeredDatabases(api: ApiClient): Promise<string> {
  const offers = await api.call<{ engine: string; version: string }[]>("GET", "/v1/database_engines");
  const now = offers.map(({ engine, version }) => `${engine} ${version}`).join(", ") || "none yet";
  const isEverything = DATABASE_ENGINES.every((engine) => offers.some((offer) => offer.engine === engine));
  return isEverything ? now : `${now}; all engines: npm run quickstart -- --databases all`;
}

function printSummary(
  stack: Stack,
  server: ServerJson,
  ssh: string[],
  next: object,
  chosen: ChosenInfrastructure,
  databases: string,
): void {
  const login =
    chosen.infrastructure === "incus"
      ? `ssh ${ssh.map(shown).join(" ")}`
      : "(simulated: there is nothing to log in to)";
  const lines = [
    "",
    ...apiSummary(stack),
    `Server           ${server.name} ${server.ipv4}, ${server.id}`,
    `Log in           ${login}`,
    `Databases        ${databases}`,
    "",
    "The next server:",
    ...createServerCommand(stack, next),
    "",
    "Ctrl-C stops everything that was started here; the data stays.",
    "",
  ];
  console.log(lines.join("\n"));
}
