/**
 * `npm start`: everything that CloudNexus consists of, on this machine, without changing anything on the system. It stays up until
 * Ctrl-C or SIGTERM and finds its data again when started anew.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chooseInfrastructure, sandboxBanner } from "./platform/infrastructure.ts";
import { untilInterrupted } from "./platform/interruption.ts";
import { type Processes, runUntilStopped } from "./platform/processes.ts";
import { consoleProgress } from "./platform/progress.ts";
import { readSettings, type Settings } from "./platform/settings.ts";
import { startStack } from "./platform/stack.ts";
import { apiSummary } from "./platform/summary.ts";

await runUntilStopped(main);

async function main(processes: Processes): Promise<number> {
  const settings = withQuickstartConfig(readSettings(process.env));
  const progress = consoleProgress();
  const chosen = await chooseInfrastructure(settings, progress.note);
  if (chosen.sandboxReason !== null) console.log(sandboxBanner(chosen.sandboxReason));
  const stack = await startStack({ settings, ...chosen, processes, progress, mayChangeSystem: false });
  console.log(["", ...apiSummary(stack), "", "Ctrl-C stops everything; the data stays.", ""].join("\n"));
  await untilInterrupted();
  return 0;
}

/** After a quickstart its config counts, so that both commands show the same servers. */
function withQuickstartConfig(settings: Settings): Settings {
  const made = join(settings.dataDir, "cloudnexus.yaml");
  const isWanted = settings.configFile === null && settings.infrastructure !== "sandbox" && existsSync(made);
  return isWanted ? { ...settings, configFile: made } : settings;
}
