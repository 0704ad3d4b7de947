import { resolve } from "node:path";
import { z } from "zod";
import { dataDirSetting, logLevelSetting, parseEnvironment, portSetting } from "./environment.ts";
import { readCodecKeys, readOperatorKey } from "./secrets.ts";

/** Every environment variable that the codec server reads. */
const environmentSchema = z.object({
  CLOUDNEXUS_CODEC_SERVER_HOST: z.string().min(1).default("127.0.0.1"),
  CLOUDNEXUS_CODEC_SERVER_PORT: portSetting.default(8081),
  CLOUDNEXUS_CODEC_SERVER_ORIGIN: z
    .string()
    .transform((list) => list.split(",").map((origin) => origin.trim()))
    .refine((origins) => origins.every(isOrigin), "must be origins such as https://temporal.example.com, by commas")
    .default(["http://127.0.0.1:8233"]),
  CLOUDNEXUS_CODEC_SERVER_KEY: z
    .string()
    .regex(/^[A-Za-z0-9._~+/=-]{32,512}$/, "must be 32 or more letters, digits and -._~+/=")
    .optional(),
  CLOUDNEXUS_CODEC_KEY: z.string().optional(),
  CLOUDNEXUS_DATA_DIR: dataDirSetting,
  LOG_LEVEL: logLevelSetting,
});

export interface CodecServerConfig {
  listener: { host: string; port: number };
  /** Where the Temporal UI is: the pages that may ask. */
  origins: string[];
  operatorKey: string;
  codecKeys: Buffer[];
  logLevel: string;
}

/** The configuration of the codec server; it needs neither database nor Temporal. Throws a `SettingError` that names the first missing or wrong setting. */
export function loadCodecServerConfig(environment: NodeJS.ProcessEnv): Readonly<CodecServerConfig> {
  const env = parseEnvironment(environmentSchema, environment);
  const dataDir = resolve(env.CLOUDNEXUS_DATA_DIR);
  return Object.freeze({
    listener: { host: env.CLOUDNEXUS_CODEC_SERVER_HOST, port: env.CLOUDNEXUS_CODEC_SERVER_PORT },
    origins: env.CLOUDNEXUS_CODEC_SERVER_ORIGIN,
    codecKeys: readCodecKeys(dataDir, env.CLOUDNEXUS_CODEC_KEY),
    operatorKey: readOperatorKey(dataDir, env.CLOUDNEXUS_CODEC_SERVER_KEY),
    logLevel: env.LOG_LEVEL,
  });
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
