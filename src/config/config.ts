import { resolve } from "node:path";
import { z } from "zod";
import { type CatalogConfig, readCatalog } from "./catalog.ts";
import { dataDirSetting, logLevelSetting, parseEnvironment, portSetting } from "./environment.ts";
import { simulatorSocketPath } from "./sandbox.ts";
import { readSecrets, type Secrets } from "./secrets.ts";
import { SettingError } from "./setting-error.ts";

/** Every environment variable that the API and the worker read. */
const environmentSchema = z.object({
  PORT: portSetting.default(8080),
  HOST: z.string().min(1).default("127.0.0.1"),
  CLOUDNEXUS_PUBLIC_URL: z
    .string()
    .regex(/^https?:\/\/[^\s/?#"'<>]+$/, "must be http:// or https:// and a host, without a path")
    .optional(),
  DATABASE_URL: z
    .string("is not set; npm start brings a PostgreSQL of its own")
    .regex(/^postgres(ql)?:\/\//, "must begin with postgresql://"),
  TEMPORAL_ADDRESS: z
    .string("is not set; npm start brings a Temporal server of its own")
    .regex(/^[^\s/]+:\d+$/, "must be host:port"),
  TEMPORAL_NAMESPACE: z.string().min(1).default("cloudnexus"),
  CLOUDNEXUS_TASK_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "must be lower-case letters, digits and dashes")
    .default("cloudnexus"),
  CLOUDNEXUS_DATA_DIR: dataDirSetting,
  CLOUDNEXUS_CONFIG: z.string().min(1).default("cloudnexus.yaml"),
  CLOUDNEXUS_INFRASTRUCTURE: z.enum(["sandbox", "incus"], "must be sandbox or incus").optional(),
  CLOUDNEXUS_BOOTSTRAP_API_KEY: z
    .string()
    .regex(/^cn_live_sk_[A-Za-z0-9]{32,}$/, "must be cn_live_sk_ and 32 or more letters and digits")
    .optional(),
  CLOUDNEXUS_API_KEY_PEPPER: z.string().optional(),
  CLOUDNEXUS_CREDENTIAL_KEY: z.string().optional(),
  CLOUDNEXUS_CODEC_KEY: z.string().optional(),
  CLOUDNEXUS_REGIONS: z.string().optional(),
  CLOUDNEXUS_RATE_LIMITS: z.enum(["memory", "postgresql"], "must be memory or postgresql").default("memory"),
  TRUST_PROXY_HOPS: z.coerce
    .number("must be the number of proxies in front of the API")
    .int("must be a whole number")
    .min(0)
    .max(10)
    .default(0),
  CLOUDNEXUS_ACCEPT_WAIT_MS: z.coerce
    .number("must be a number of milliseconds")
    .int("must be a whole number")
    .min(0)
    .max(60_000)
    .default(2_000),
  CLOUDNEXUS_AUDIT_SECONDS: z.coerce
    .number("must be a number of seconds")
    .int("must be a whole number")
    .min(0)
    .max(86_400)
    .default(60),
  CLOUDNEXUS_WORKER_VERSIONING: z.enum(["off", "manual"], "must be off or manual").default("off"),
  CLOUDNEXUS_BUILD_ID: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be letters, digits, dots, dashes and underscores")
    .optional(),
  METRICS_PORT: portSetting.optional(),
  METRICS_HOST: z.string().min(1).default("127.0.0.1"),
  LOG_LEVEL: logLevelSetting,
});

export interface Config extends CatalogConfig {
  listener: { host: string; port: number };
  /** Where the API is reached from outside. */
  publicUrl: string;
  /** How many proxies in front of the API are ours: the last so many entries of X-Forwarded-For are believed. */
  trustProxyHops: number;
  /** Where the points of API keys are counted: in each process, or in the database for all of them. */
  rateLimitStore: "memory" | "postgresql";
  /** A create or change that would have to wait longer for its turn is refused. */
  acceptWaitMs: number;
  databaseUrl: string;
  temporal: { address: string; namespace: string; taskQueuePrefix: string };
  dataDir: string;
  bootstrapApiKey: string | null;
  secrets: Secrets;
  /** The regions whose infrastructure this worker serves: all, unless CLOUDNEXUS_REGIONS names some. */
  servedRegions: string[];
  /** How often everything is compared; 0: only when an operator asks. */
  auditMs: number;
  /** Whether workers are versioned, and as which build: null is the hash of their workflows. */
  versioning: { buildId: string | null } | null;
  /** Where Prometheus reads; null: nowhere. */
  metrics: { host: string; port: number } | null;
  logLevel: string;
}

/**
 * The whole configuration, checked and frozen. An empty variable counts as unset. Throws a `SettingError` that names the first missing or wrong setting.
 */
export function loadConfig(environment: NodeJS.ProcessEnv): Readonly<Config> {
  const env = parseEnvironment(environmentSchema, environment);
  const dataDir = resolve(env.CLOUDNEXUS_DATA_DIR);
  const catalog = inSandbox(readCatalog(resolve(env.CLOUDNEXUS_CONFIG)), env.CLOUDNEXUS_INFRASTRUCTURE, dataDir);
  return Object.freeze({
    ...catalog,
    listener: { host: env.HOST, port: env.PORT },
    publicUrl: env.CLOUDNEXUS_PUBLIC_URL ?? localUrl(env.HOST, env.PORT),
    trustProxyHops: env.TRUST_PROXY_HOPS,
    rateLimitStore: env.CLOUDNEXUS_RATE_LIMITS,
    acceptWaitMs: env.CLOUDNEXUS_ACCEPT_WAIT_MS,
    databaseUrl: env.DATABASE_URL,
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      taskQueuePrefix: env.CLOUDNEXUS_TASK_QUEUE_PREFIX,
    },
    dataDir,
    bootstrapApiKey: env.CLOUDNEXUS_BOOTSTRAP_API_KEY ?? null,
    secrets: readSecrets(dataDir, {
      ...(env.CLOUDNEXUS_API_KEY_PEPPER ? { apiKeyPeppers: env.CLOUDNEXUS_API_KEY_PEPPER } : {}),
      ...(env.CLOUDNEXUS_CREDENTIAL_KEY ? { credentialKey: env.CLOUDNEXUS_CREDENTIAL_KEY } : {}),
      ...(env.CLOUDNEXUS_CODEC_KEY ? { codecKeys: env.CLOUDNEXUS_CODEC_KEY } : {}),
    }),
    servedRegions: servedRegions(catalog, env.CLOUDNEXUS_REGIONS),
    auditMs: env.CLOUDNEXUS_AUDIT_SECONDS * 1_000,
    versioning: env.CLOUDNEXUS_WORKER_VERSIONING === "manual" ? { buildId: env.CLOUDNEXUS_BUILD_ID ?? null } : null,
    metrics: env.METRICS_PORT === undefined ? null : { host: env.METRICS_HOST, port: env.METRICS_PORT },
    logLevel: env.LOG_LEVEL,
  });
}

/** How it is reached from this machine, where nothing else is known. */
function localUrl(host: string, port: number): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  return `http://${isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** In the sandbox every region is the simulator of this data folder, whatever endpoint the file names. */
function inSandbox(config: CatalogConfig, override: "sandbox" | "incus" | undefined, dataDir: string): CatalogConfig {
  const infrastructure = override ?? config.infrastructure;
  if (infrastructure === "incus") return { ...config, infrastructure };
  const endpoint = `unix://${simulatorSocketPath(dataDir)}`;
  return {
    ...config,
    infrastructure,
    infrastructures: config.infrastructures.map((region) => ({ ...region, endpoint, tls: null })),
  };
}

function servedRegions(config: CatalogConfig, setting: string | undefined): string[] {
  const known = Object.keys(config.catalog.regions);
  if (!setting) return known;
  const named = setting.split(",").map((region) => region.trim());
  const unknown = named.find((region) => !known.includes(region));
  if (unknown !== undefined) throw new SettingError("CLOUDNEXUS_REGIONS", `names an unknown region: ${unknown}`);
  return named;
}
