import { exitOnStartFailure } from "./process.ts";
import { migrate } from "./store/migrate.ts";

/** `npm run migrate`: brings the database of DATABASE_URL to the present schema. */

async function main(): Promise<void> {
  const databaseUrl = process.env["DATABASE_URL"];
  if (!databaseUrl) throw new Error("DATABASE_URL: is not set");
  const applied = await migrate(databaseUrl);
  process.stdout.write(applied.length > 0 ? `applied: ${applied.join(", ")}\n` : "the database is up to date\n");
}

await main().catch(exitOnStartFailure);
