import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startPostgres } from "../scripts/platform/postgres.ts";
import { silentProgress } from "../scripts/platform/progress.ts";
import { startTemporalServer } from "../scripts/platform/temporal-server.ts";
import { migrate } from "../src/store/migrate.ts";
import type { Cleanup } from "./cleanup.ts";

/** PostgreSQL and Temporal as `npm start` runs them: durable, with files. */
export interface Platform {
  dataDir: string;
  temporalAddress: string;
  /** Everything that is measured encrypts its payloads with it. */
  codecKey: Buffer;
  /** Node's profiler writes here what the processes under measurement did; null: no profiles. */
  profileDir: string | null;
  cleanup: Cleanup;
  /** URL of a fresh database with the present schema. */
  createDatabase(name: string): Promise<string>;
}

export async function startPlatform(cleanup: Cleanup, profileDir: string | null): Promise<Platform> {
  const dataDir = mkdtempSync(join(tmpdir(), "cloudnexus-bench-"));
  cleanup.add("remove the data folder", () => rm(dataDir, { recursive: true, force: true }));
  const postgres = await startPostgres({ dataDir });
  cleanup.add("stop PostgreSQL", () => postgres.stop());
  const temporal = await startTemporalServer({ dataDir, ui: false, progress: silentProgress });
  cleanup.add("stop Temporal", () => temporal.stop());

  return {
    dataDir,
    temporalAddress: temporal.address,
    codecKey: randomBytes(32),
    profileDir,
    cleanup,
    async createDatabase(name) {
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      await client.end();
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      await migrate(url.toString());
      return url.toString();
    },
  };
}
