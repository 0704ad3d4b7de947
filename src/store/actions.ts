import type { Action, ActionParameters, ActionStep } from "../domain/action.ts";
import { HELD_MESSAGE } from "../domain/hold.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { ActionStatus, ResourceStatus } from "../domain/statuses.ts";
import { type ActionFailure, type ActionInput, type ActionType, workflowOf } from "../domain/workflow-contracts.ts";
import type { WorkflowKey } from "../domain/workflow-ids.ts";
import type { Db } from "./connection.ts";
import { type Action as ActionRow, Prisma } from "./generated/client.ts";
import { type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";
import { mayBecome, statusColumns } from "./resources.ts";

/** What is new about steps, by their names. */
export type StepChanges = Record<string, Partial<ActionStep>>;

export interface NewAction {
  id: string;
  accountId: string;
  type: ActionType;
  resourceKind: ResourceKind;
  resourceId: string;
  region: string;
  requestId: string;
  /** As Action.image. */
  image: string | null;
  /** Counted where it is not known: how many actions of the type the resource has had, this one included. */
  attempt?: number;
  parameters?: ActionParameters;
}

/** An action, as far as it names its workflow. */
export interface BegunAction extends WorkflowKey {
  id: string;
}

type RunningAction = Pick<ActionInput, "resourceKind" | "resourceId" | "actionId">;

/** null: any. */
export interface ActionFilter {
  status: ActionStatus | null;
  type: ActionType | null;
  resourceKind: ResourceKind | null;
  resourceId: string | null;
}

export class ActionRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** All its steps are listed from the first moment. */
  async insert(action: NewAction): Promise<Action> {
    const { resourceKind, parameters, ...columns } = action;
    const { type, resourceId } = action;
    const steps = workflowOf(resourceKind, type).steps.map(pendingStep) as unknown as Prisma.InputJsonArray;
    const attempt = action.attempt ?? 1 + (await this.db.action.count({ where: { resourceId, type } }));
    const row = await this.db.action.create({
      data: {
        ...columns,
        attempt,
        resourceType: resourceKind,
        status: "running",
        steps,
        parameters: parameters === undefined ? Prisma.DbNull : (parameters as unknown as Prisma.InputJsonObject),
      },
    });
    return actionFromRow(row);
  }

  /** What the action was asked to do; null if it takes nothing. */
  async parameters(id: string): Promise<ActionParameters | null> {
    const row = await this.db.action.findUnique({ where: { id }, select: { parameters: true } });
    return (row?.parameters ?? null) as ActionParameters | null;
  }

  async find(id: string, accountId: string): Promise<Action | null> {
    const row = await this.db.action.findFirst({ where: { id, accountId } });
    return row && actionFromRow(row);
  }

  /** An account's actions, newest first, with how many there are in all. */
  async list(accountId: string, filter: ActionFilter, start: ListStart, limit: number): Promise<ListPage<Action>> {
    const { status, type, resourceKind, resourceId } = filter;
    const where = {
      accountId,
      ...(status !== null && { status }),
      ...(type !== null && { type }),
      ...(resourceKind !== null && { resourceType: resourceKind }),
      ...(resourceId !== null && { resourceId }),
    };
    const [rows, total] = await Promise.all([
      this.db.action.findMany(newestFirst(where, start, limit)),
      this.db.action.count({ where }),
    ]);
    return listPage(rows.map(actionFromRow), limit, total);
  }

  /** What is under way on the resource besides a delete; the unique index allows one. */
  async findRunningChange(resourceId: string): Promise<Action | null> {
    const row = await this.db.action.findFirst({ where: { resourceId, status: "running", type: { not: "delete" } } });
    return row && actionFromRow(row);
  }

  async findRunning(resourceId: string, type: ActionType): Promise<Action | null> {
    const row = await this.db.action.findFirst({ where: { resourceId, type, status: "running" } });
    return row && actionFromRow(row);
  }

  /** Whether it is a create, tried again, of what an earlier create has made: what it finds of it may be its customer's. */
  async isCreateOfUsed(id: string): Promise<boolean> {
    const [row] = await this.db.$queryRaw<{ isOfUsed: boolean }[]>`
      SELECT coalesce((
        SELECT true FROM actions earlier WHERE earlier.resource_id = a.resource_id AND earlier.id <> a.id
          AND earlier.type = 'create' AND earlier.status = 'succeeded' LIMIT 1
      ), false) AS "isOfUsed" FROM actions a WHERE a.id = ${id} AND a.type = 'create'`;
    return row?.isOfUsed ?? false;
  }

  async findLatest(resourceId: string, type: ActionType, accountId: string): Promise<Action | null> {
    const row = await this.db.action.findFirst({
      where: { resourceId, type, accountId },
      orderBy: { createdAt: "desc" },
    });
    return row && actionFromRow(row);
  }

  /** What runs at the moment, by kind of resource and type, and since when the oldest. */
  async countRunning(): Promise<{ resource: ResourceKind; type: ActionType; count: number; oldestSeconds: number }[]> {
    return this.db.$queryRaw`
      SELECT resource_type AS resource, type, count(*)::int AS count,
        extract(epoch FROM clock_timestamp() - min(created_at))::float8 AS "oldestSeconds"
      FROM actions WHERE status = 'running' GROUP BY resource_type, type`;
  }

  /** Accepted before `olderThan`, and no workflow has touched it yet. Oldest first. */
  async listUnstarted(olderThan: Date, limit: number): Promise<Action[]> {
    // The status is part of the text: for any status the index of these few would not do.
    const unstarted = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM actions WHERE status = 'running' AND started_at IS NULL AND created_at < ${olderThan} ORDER BY created_at LIMIT ${limit}`;
    return this.inOrder(unstarted);
  }

  /** A page of what runs and was accepted before `olderThan`, by id. */
  async listRunning(after: string, olderThan: Date, limit: number): Promise<Action[]> {
    const running = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM actions WHERE status = 'running' AND id > ${after} AND created_at < ${olderThan} ORDER BY id LIMIT ${limit}`;
    return this.inOrder(running);
  }

  /** The same of those that a workflow has begun, and only what names it. */
  async listBegun(after: string, olderThan: Date, limit: number): Promise<BegunAction[]> {
    return this.db.$queryRaw`
      SELECT id, type, resource_type AS "resourceKind", resource_id AS "resourceId", attempt FROM actions
      WHERE status = 'running' AND id > ${after} AND created_at < ${olderThan} AND started_at IS NOT NULL ORDER BY id LIMIT ${limit}`;
  }

  /** Those of them that there are, in this order. */
  async inOrder(few: { id: string }[]): Promise<Action[]> {
    if (few.length === 0) return [];
    const ids = few.map(({ id }) => id);
    const rows = await this.db.action.findMany({ where: { id: { in: ids } } });
    return rows.map(actionFromRow).sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  }

  /** Called by the first activity of the action's workflow, where it must not be missed: from here on the sweep leaves it alone. A create says it with the claim of its address. */
  async markStarted(id: string): Promise<void> {
    await this.db.$executeRaw`UPDATE actions SET started_at = coalesce(started_at, now()) WHERE id = ${id}`;
  }

  /** From here on the action can't succeed any more; false if it has ended. */
  async requestCancel(id: string): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE actions SET cancel_requested_at = coalesce(cancel_requested_at, now()) WHERE id = ${id} AND status = 'running'`;
    return changed > 0;
  }

  /** Asked to cancel before `olderThan`, and still running. Oldest first. */
  async listToCancel(olderThan: Date, limit: number): Promise<Action[]> {
    const toCancel = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM actions WHERE status = 'running' AND cancel_requested_at < ${olderThan} ORDER BY cancel_requested_at LIMIT ${limit}`;
    return this.inOrder(toCancel);
  }

  /**
   * Merges the changes into the steps of these names: a note on progress, in one statement, so that notes that come at the same time do not overwrite each
   * other. An action that has ended takes none. The commit does not wait for the disk: a crash of the database's machine may lose it.
   */
  async noteSteps(id: string, changes: StepChanges): Promise<void> {
    await this.db.$executeRaw`
      UPDATE actions SET started_at = coalesce(started_at, now()), steps = (
        SELECT jsonb_agg(step || coalesce(${JSON.stringify(changes)}::jsonb -> (step->>'name'), '{}') ORDER BY place)
        FROM jsonb_array_elements(steps) WITH ORDINALITY AS listed(step, place)
      ) WHERE id = ${id} AND status = 'running' AND set_config('synchronous_commit', 'off', true) = 'off'`;
  }

  async isRunning(id: string): Promise<boolean> {
    return (await this.db.action.count({ where: { id, status: "running" } })) > 0;
  }

  /** Whether the action runs. If so it does not end before the end of the transaction, and nobody else takes its resource over. */
  async lockRunning({ resourceKind, resourceId, actionId }: RunningAction): Promise<boolean> {
    // Resource before action, as everywhere.
    const rows = await this.db.$queryRaw<unknown[]>`
      WITH resource AS MATERIALIZED (SELECT id FROM ${RESOURCE_TABLES[resourceKind]} WHERE id = ${resourceId} FOR UPDATE)
      SELECT 1 FROM actions WHERE id = ${actionId} AND status = 'running' AND EXISTS (SELECT 1 FROM resource) FOR SHARE OF actions`;
    return rows.length > 0;
  }

  async hasSucceeded(id: string): Promise<boolean> {
    return (await this.db.action.count({ where: { id, status: "succeeded" } })) > 0;
  }

  /** Takes back an end whose answer was lost. */
  async reopen(id: string): Promise<void> {
    await this.db.action.updateMany({
      where: { id },
      data: { status: "running", endedAt: null, error: Prisma.DbNull },
    });
  }

  /**
   * Ends the action once; a second end changes nothing. Steps follow each other, so the end tells how each of them ended, also one whose note is late or was
   * lost with its worker: all succeeded, or all before the one that failed. False if nothing was changed: it has ended, or was to succeed and is asked to cancel.
   */
  async end(id: string, status: Exclude<ActionStatus, "running">, error: ActionFailure | null): Promise<boolean> {
    const changed = await this.db.$executeRaw`
      UPDATE actions SET ${endColumns(status, error)}
      WHERE id = ${id} AND status = 'running' AND (${status}::text <> 'succeeded' OR cancel_requested_at IS NULL)`;
    return changed > 0;
  }

  /**
   * The usual end of an action: its resource takes the status it leads to, and the action has succeeded, in one statement. False, and nothing is changed, where not both can be: the action has
   * ended or is asked to cancel, or the resource is not its own any more or in no status that leads there.
   */
  async succeed({ resourceKind, resourceId, actionId }: RunningAction, to: ResourceStatus): Promise<boolean> {
    const table = RESOURCE_TABLES[resourceKind];
    // Resource before action, as everywhere.
    const rows = await this.db.$queryRaw<unknown[]>`
      WITH resource AS MATERIALIZED (
        SELECT id FROM ${table} WHERE id = ${resourceId} AND ${mayBecome(to, actionId)} FOR UPDATE
      ), action AS MATERIALIZED (
        SELECT id FROM actions
        WHERE id = ${actionId} AND status = 'running' AND cancel_requested_at IS NULL AND EXISTS (SELECT 1 FROM resource) FOR UPDATE
      ), changed AS (
        UPDATE ${table} SET ${statusColumns(to, null)} WHERE id = ${resourceId} AND EXISTS (SELECT 1 FROM action) RETURNING id
      ), ended AS (
        UPDATE actions SET ${endColumns("succeeded", null)} WHERE id = ${actionId} AND EXISTS (SELECT 1 FROM changed) RETURNING id
      )
      SELECT 1 FROM ended`;
    return rows.length > 0;
  }
}

/** What the end of an action writes. */
function endColumns(status: Exclude<ActionStatus, "running">, error: ActionFailure | null): Prisma.Sql {
  const failedStep = error?.step ?? null;
  return Prisma.sql`status = ${status}, ended_at = clock_timestamp(), error = ${error && JSON.stringify(error)}::jsonb, steps = (
    SELECT jsonb_agg(CASE
      WHEN step->>'status' NOT IN ('pending', 'running') THEN step
      WHEN ${status}::text = 'succeeded' OR place < failed_place THEN step || ${ended("succeeded")}
      WHEN place = failed_place THEN step || ${ended("failed")}
      ELSE step END ORDER BY place)
    FROM (
      SELECT step, place, min(place) FILTER (WHERE step->>'name' = ${failedStep}::text) OVER () AS failed_place
      FROM jsonb_array_elements(steps) WITH ORDINALITY AS listed(step, place)
    ) AS placed
  )`;
}

/** What an end adds to a step without one. It began with the transaction at the latest, and is held no more. */
function ended(status: ActionStep["status"]): Prisma.Sql {
  return Prisma.sql`jsonb_build_object(
    'status', ${status}::text, 'attempt', greatest((step->>'attempt')::int, 1), 'ended_at', ${timestamp(Prisma.sql`clock_timestamp()`)},
    'started_at', coalesce(step->>'started_at', ${timestamp(Prisma.sql`now()`)}), 'message', nullif(step->>'message', ${HELD_MESSAGE}))`;
}

/** As JavaScript writes it. */
function timestamp(time: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function pendingStep(name: string): ActionStep {
  return { name, status: "pending", attempt: 0, started_at: null, ended_at: null, message: null };
}

function actionFromRow(row: ActionRow): Action {
  return {
    id: row.id,
    accountId: row.accountId,
    type: row.type as ActionType,
    status: row.status as ActionStatus,
    resourceKind: row.resourceType as ResourceKind,
    resourceId: row.resourceId,
    region: row.region,
    image: row.image,
    attempt: row.attempt,
    requestId: row.requestId,
    steps: row.steps as unknown as ActionStep[],
    error: row.error as unknown as ActionFailure | null,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
  };
}
