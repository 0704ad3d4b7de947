/**
 * Makes this machine a testbed: Incus installed, running (and left running), pool, bridges, projects and image in place. Prints the
 * path of a config for it on standard output, everything else on standard error.
 */
import { join } from "node:path";
import { ensureConfig, LOCAL_INCUS_CONFIG } from "./platform/generated-config.ts";
import { prepareIncusHost, whyNoIncus } from "./platform/incus-host.ts";
import { runUntilStopped } from "./platform/processes.ts";
import { consoleProgress } from "./platform/progress.ts";
import { readSettings } from "./platform/settings.ts";

const POOL_GIB = 20;

await runUntilStopped(async () => {
  const { dataDir } = readSettings(process.env);
  const obstacle = await whyNoIncus();
  if (obstacle !== null) throw new Error(`no testbed here: ${obstacle}`);
  const progress = consoleProgress((line) => console.error(line));
  await prepareIncusHost({ progress, logDir: join(dataDir, "logs"), poolGib: POOL_GIB });
  console.log(await ensureConfig(join(dataDir, "cloudnexus.yaml"), LOCAL_INCUS_CONFIG));
  return 0;
});
