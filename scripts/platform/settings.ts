import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** What the scripts take from the environment; the rest is passed on to the API and the worker, which check it. */
export interface Settings {
  /** Folder of everything that is kept; {@link dataDirOf} gives the part of one infrastructure. */
  dataDir: string;
  configFile: string | null;
  infrastructure: "sandbox" | "incus" | null;
  databaseUrl: string | null;
  temporalAddress: string | null;
  temporalNamespace: string;
  bootstrapApiKey: string | null;
  isCi: boolean;
}

export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const infrastructure = environment["CLOUDNEXUS_INFRASTRUCTURE"] || null;
  if (infrastructure !== null && infrastructure !== "sandbox" && infrastructure !== "incus") {
    throw new Error("CLOUDNEXUS_INFRASTRUCTURE: must be sandbox or incus");
  }
  return {
    dataDir: resolve(environment["CLOUDNEXUS_DATA_DIR"] || ".data"),
    configFile: findConfig(environment["CLOUDNEXUS_CONFIG"]),
    infrastructure,
    databaseUrl: environment["DATABASE_URL"] || null,
    temporalAddress: environment["TEMPORAL_ADDRESS"] || null,
    temporalNamespace: environment["TEMPORAL_NAMESPACE"] || "cloudnexus",
    bootstrapApiKey: environment["CLOUDNEXUS_BOOTSTRAP_API_KEY"] || null,
    isCi: Boolean(environment["CI"]) && environment["CI"] !== "false",
  };
}

/** The sandbox keeps its data apart: its servers do not exist anywhere else. */
export function dataDirOf(settings: Settings, infrastructure: "sandbox" | "incus"): string {
  return infrastructure === "sandbox" ? join(settings.dataDir, "sandbox") : settings.dataDir;
}

function findConfig(named: string | undefined): string | null {
  if (named) {
    if (!existsSync(named)) throw new Error(`CLOUDNEXUS_CONFIG: there is no file ${named}`);
    return resolve(named);
  }
  return existsSync("cloudnexus.yaml") ? resolve("cloudnexus.yaml") : null;
}
