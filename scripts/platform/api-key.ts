import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newApiToken } from "../../src/domain/api-token.ts";
import { dataDirOf, type Settings } from "./settings.ts";

/**
 * The quickstart has to speak to the API. On the first start the API makes a key and leaves it in a file; where that file was deleted
 * since, a new full-access key is asked for and kept there.
 */
export async function ensureApiKey(settings: Settings, infrastructure: "sandbox" | "incus"): Promise<Settings> {
  const dataDir = dataDirOf(settings, infrastructure);
  const keyFile = join(dataDir, "bootstrap-api-key");
  const hasDatabase = settings.databaseUrl !== null || existsSync(join(dataDir, "postgres/cluster"));
  if (settings.bootstrapApiKey !== null || existsSync(keyFile) || !hasDatabase) return settings;
  const token = newApiToken();
  await writeFile(keyFile, `${token}\n`, { mode: 0o600 });
  return { ...settings, bootstrapApiKey: token };
}
