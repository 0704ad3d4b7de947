import { existsSync } from "node:fs";
import { join } from "node:path";
import { lockDataDir } from "../platform/data-lock.ts";
import { answers, runningPostgresUrl, startPostgres } from "../platform/postgres.ts";

/** Works with the installation's database: the one that is named, or the data folder's own, which is started for it where it does not run. */
export async function withDatabase<T>(
  databaseUrl: string | null,
  dataDir: string,
  work: (databaseUrl: string) => Promise<T>,
): Promise<T> {
  if (databaseUrl !== null) return work(databaseUrl);
  if (!existsSync(join(dataDir, "postgres/cluster"))) {
    const sandbox = existsSync(join(dataDir, "sandbox/postgres/cluster"));
    const hint = sandbox ? `; that of the sandbox is ${join(dataDir, "sandbox")}: set CLOUDNEXUS_DATA_DIR` : "";
    throw new Error(`DATABASE_URL: is not set, and ${dataDir} has no installation${hint}`);
  }
  const running = runningPostgresUrl(dataDir);
  if (running !== null && (await answers(running))) return work(running);
  const unlock = await lockDataDir(dataDir);
  try {
    const postgres = await startPostgres({ dataDir });
    try {
      return await work(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    await unlock();
  }
}
