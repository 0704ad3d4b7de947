import { join } from "node:path";
import { Agent, request } from "undici";
import { type CatalogConfig, readCatalog } from "../../src/config/catalog.ts";
import { ensureConfig, SANDBOX_CONFIG } from "./generated-config.ts";
import { dataDirOf, type Settings } from "./settings.ts";

const PROBE_TIMEOUT_MS = 5_000;

export interface ChosenInfrastructure {
  infrastructure: "sandbox" | "incus";
  configFile: string;
  /** Why it is a sandbox; null if it is none. */
  sandboxReason: string | null;
}

/** What `npm start` runs on: what the config file names, without changing anything on the system; a sandbox without such a file. */
export async function chooseInfrastructure(
  settings: Settings,
  warn: (line: string) => void,
): Promise<ChosenInfrastructure> {
  if (settings.configFile === null) {
    if (settings.infrastructure === "incus") {
      throw new Error("CLOUDNEXUS_INFRASTRUCTURE: incus needs a cloudnexus.yaml; npm run quickstart makes one");
    }
    return await sandbox(settings, "there is no cloudnexus.yaml that names an Incus host");
  }
  const catalog = readCatalog(settings.configFile);
  const infrastructure = settings.infrastructure ?? catalog.infrastructure;
  if (infrastructure === "sandbox") {
    const setting = settings.infrastructure ? "CLOUDNEXUS_INFRASTRUCTURE" : settings.configFile;
    return { infrastructure, configFile: settings.configFile, sandboxReason: `${setting} says so` };
  }
  await checkRegions(catalog, settings.infrastructure === "incus", warn);
  return { infrastructure, configFile: settings.configFile, sandboxReason: null };
}

/** The sandbox with the generated catalogue, or with the file that was named. */
export async function sandbox(settings: Settings, reason: string): Promise<ChosenInfrastructure> {
  const generated = join(dataDirOf(settings, "sandbox"), "cloudnexus.yaml");
  const configFile = settings.configFile ?? (await ensureConfig(generated, SANDBOX_CONFIG));
  return { infrastructure: "sandbox", configFile, sandboxReason: reason };
}

export function sandboxBanner(reason: string): string {
  const lines = ["THIS IS A SANDBOX: servers are simulated, no machine is made, SSH does not work.", `Why: ${reason}.`];
  const width = Math.max(...lines.map((line) => line.length));
  const rule = "=".repeat(width + 4);
  return ["", rule, ...lines.map((line) => `| ${line.padEnd(width)} |`), rule, ""].join("\n");
}

/** One region that is away does not stop the others, unless Incus was asked for by name; none at all is an error. */
async function checkRegions(catalog: CatalogConfig, isStrict: boolean, warn: (line: string) => void): Promise<void> {
  const answers = await Promise.all(
    catalog.infrastructures.map(async ({ region, endpoint }) => ({
      region,
      endpoint,
      answers: await answersAt(endpoint),
    })),
  );
  const silent = answers.filter((entry) => !entry.answers);
  if (silent.length === 0) return;
  const list = silent.map(({ region, endpoint }) => `${region} (${endpoint})`).join(", ");
  const isFatal = isStrict || silent.length === answers.length;
  if (!isFatal) {
    warn(`Incus does not answer for ${list}: servers there wait until it does`);
    return;
  }
  const advice = "start Incus (npm run quickstart does on this machine), or set CLOUDNEXUS_INFRASTRUCTURE=sandbox";
  throw new Error(`Incus does not answer for ${list}: ${advice}`);
}

/** Whether an Incus server is there. Who it is, and whether we may use it, is the driver's business. */
async function answersAt(endpoint: string): Promise<boolean> {
  const socketPath = endpoint.startsWith("unix://") ? endpoint.slice("unix://".length) : null;
  const connect = socketPath === null ? { rejectUnauthorized: false } : { socketPath };
  const dispatcher = new Agent({ connect, headersTimeout: PROBE_TIMEOUT_MS, connectTimeout: PROBE_TIMEOUT_MS });
  try {
    const { statusCode, body } = await request(new URL("/1.0", socketPath === null ? endpoint : "http://incus"), {
      dispatcher,
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  } finally {
    await dispatcher.close();
  }
}
