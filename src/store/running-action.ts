import { Prisma } from "./generated/client.ts";

/**
 * The condition under which a step gives something to a server or database: its action runs. An attempt can outlive its workflow, and nobody would take back what it gives then.
 * Null: no action gives it.
 */
export function whileRuns(actionId: string | null): Prisma.Sql {
  if (actionId === null) return Prisma.sql`true`;
  return Prisma.sql`EXISTS (SELECT 1 FROM actions WHERE id = ${actionId} AND status = 'running')`;
}
