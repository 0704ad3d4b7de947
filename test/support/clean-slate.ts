import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

/** A worker that died between the last step and the end of its workflow is noticed after 5 s. */
const ENDING_MS = 60_000;

/** What a server or database can leave behind, in all three worlds. Rows of servers, databases and actions are history, so they do not count. */
export interface Slate {
  addresses: unknown[];
  capacity: unknown[];
  quotaHolds: unknown[];
  quotaUsage: unknown[];
  attachedKeys: unknown[];
  credentials: unknown[];
  certificates: unknown[];
  instances: unknown[];
  volumes: unknown[];
  leases: unknown[];
  accessRules: unknown[];
  runningActions: unknown[];
  runningWorkflows: string[];
}

/** The present state of rows, Temporal and infrastructure; two of them compare with `toEqual`, so a leak prints what leaked. */
export async function slate(world: World): Promise<Slate> {
  const { instances, volumes, leases, access_rules: accessRules } = await world.simulator.snapshot();
  return {
    addresses: await world.sql(
      "SELECT region, address, resource_id FROM ip_addresses WHERE resource_id IS NOT NULL ORDER BY 1, 2",
    ),
    capacity: await world.sql("SELECT * FROM capacity_reservations ORDER BY resource_id"),
    quotaHolds: await world.sql("SELECT * FROM quota_holds ORDER BY resource_id"),
    quotaUsage: await world.sql("SELECT * FROM account_quotas ORDER BY account_id"),
    attachedKeys: await world.sql("SELECT * FROM server_ssh_keys ORDER BY server_id, ssh_key_id"),
    // Which rotation was the latest is history, too.
    credentials: await world.sql(
      "SELECT to_jsonb(c) - 'rotation_action_id' AS login FROM database_credentials c ORDER BY database_id",
    ),
    certificates: await world.sql("SELECT * FROM database_certificates ORDER BY database_id"),
    instances,
    volumes,
    leases,
    accessRules,
    runningActions: await world.sql("SELECT id, type, steps FROM actions WHERE status = 'running' ORDER BY id"),
    runningWorkflows: await runningWorkflows(world),
  };
}

/** What is there of others than these servers and databases: neither tags nor names nor columns name one of them. */
export function ofOthers(state: Slate, ids: readonly string[]): unknown[] {
  const { quotaUsage: _, runningActions: _ran, runningWorkflows: _run, ...kept } = state;
  const names = ids.map((id) => id.slice(id.indexOf("_") + 1));
  const isOfOne = (row: unknown) => names.some((name) => JSON.stringify(row).includes(name));
  return Object.values(kept).flatMap((rows) => rows.filter((row) => !isOfOne(row)));
}

interface ActionRow {
  type: string;
  resource_type: string;
  resource_id: string;
  attempt: number;
}

/**
 * Asked by id, not by a search: visibility lags behind. A workflow ends a moment after its action's row, so it is given that moment.
 */
async function runningWorkflows(world: World): Promise<string[]> {
  const actions = await world.sql<ActionRow>(
    "SELECT type, resource_type, resource_id, attempt FROM actions ORDER BY id",
  );
  const running: string[] = [];
  for (const { type, resource_type, resource_id, attempt } of actions) {
    const id = `${type.replaceAll("_", "-")}-${resource_type}/${resource_id}/${attempt}`;
    const isRunning = () =>
      world.temporal.workflow
        .getHandle(id)
        .describe()
        .then((description) => description.status.name === "RUNNING")
        .catch(() => false);
    await waitUntil(`${id} has ended`, async () => !(await isRunning()), ENDING_MS).catch(() => running.push(id));
  }
  return running;
}
