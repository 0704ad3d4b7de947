import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { startPostgres } from "../../scripts/platform/postgres.ts";
import { startTemporalServer } from "../../scripts/platform/temporal-server.ts";
import { migrate } from "../../src/store/migrate.ts";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import { bundlePrograms } from "./bundled-programs.ts";
import { TEMPLATE_DATABASE, withDatabase } from "./database.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
    temporalAddress: string;
  }
}

/** One real PostgreSQL and one real Temporal server for the whole run; every test file makes its own database and task queues. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "cloudnexus-test-"));
  const [postgres, temporal, programs] = await Promise.all([
    startPostgres({ dataDir, durable: false }),
    startTemporalServer({ dataDir, inMemory: true, ui: false }),
    bundlePrograms(),
    workflowBundle(),
  ]);

  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await client.end();
  await migrate(withDatabase(postgres.url, TEMPLATE_DATABASE));

  project.provide("postgresUrl", postgres.url);
  project.provide("temporalAddress", temporal.address);
  project.provide("programs", programs.folder);
  return async () => {
    await temporal.stop();
    await postgres.stop();
    programs.remove();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
