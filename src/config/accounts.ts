import { resolve } from "node:path";
import { z } from "zod";
import { dataDirSetting, parseEnvironment } from "./environment.ts";
import { readApiKeyPeppers } from "./secrets.ts";

const environmentSchema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must begin with postgresql://")
    .optional(),
  CLOUDNEXUS_API_KEY_PEPPER: z.string().optional(),
  CLOUDNEXUS_DATA_DIR: dataDirSetting,
});

/** What the commands for accounts work with. */
export interface AccountsConfig {
  /** Null: the PostgreSQL of the data folder. */
  databaseUrl: string | null;
  dataDir: string;
  apiKeyPeppers: Buffer[];
}

/** Throws a `SettingError` that names the first missing or wrong setting. */
export function loadAccountsConfig(environment: NodeJS.ProcessEnv): AccountsConfig {
  const env = parseEnvironment(environmentSchema, environment);
  const dataDir = resolve(env.CLOUDNEXUS_DATA_DIR);
  return {
    databaseUrl: env.DATABASE_URL ?? null,
    dataDir,
    apiKeyPeppers: readApiKeyPeppers(dataDir, env.CLOUDNEXUS_API_KEY_PEPPER),
  };
}
