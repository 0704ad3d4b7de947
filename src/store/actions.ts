import type { Action, ActionParameters, ActionStep } from "../domain/action.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { ActionStatus } from "../domain/statuses.ts";
import { type ActionFailure, type ActionType, workflowOf } from "../domain/workflow-contracts.ts";
import type { Db } from "./connection.ts";
import { type Action as ActionRow, Prisma } from "./generated/client.ts";

export interface NewAction {
  id: string;
  accountId: string;
  type: ActionType;
  resourceKind: ResourceKind;
  resourceId: string;
  region: string;
  requestId: string;
  parameters?: ActionParameters;
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
    const attempt = 1 + (await this.db.action.count({ where: { resourceId, type } }));
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

  /** What is under way on the resource besides a delete; the unique index allows one. */
  async findRunningChange(resourceId: string): Promise<Action | null> {
    const row = await this.db.action.findFirst({ where: { resourceId, status: "running", type: { not: "delete" } } });
    return row && actionFromRow(row);
  }

  async findRunning(resourceId: string, type: ActionType): Promise<Action | null> {
    const row = await this.db.action.findFirst({ where: { resourceId, type, status: "running" } });
    return row && actionFromRow(row);
  }

  async findLatest(resourceId: string, type: ActionType, accountId: string): Promise<Action | null> {
    const row = await this.db.action.findFirst({
      where: { resourceId, type, accountId },
      orderBy: { createdAt: "desc" },
    });
    return row && actionFromRow(row);
  }

  /** Accepted before `olderThan`, and no workflow has touched it yet. Oldest first. */
  async listUnstarted(olderThan: Date, limit: number): Promise<Action[]> {
    const rows = await this.db.action.findMany({
      where: { status: "running", startedAt: null, createdAt: { lt: olderThan } },
      orderBy: { createdAt: "asc" },
      take: limit,
    });
    return rows.map(actionFromRow);
  }

  /** Called by the first activity of the action's workflow, where it must not be missed: from here on the sweep leaves it alone. */
  async markStarted(id: string): Promise<void> {
    await this.db.action.updateMany({ where: { id, startedAt: null }, data: { startedAt: new Date() } });
  }

  /** Merges `change` into the step of this name: its workflow has begun. In one statement, so that steps that run side by side do not overwrite each other. */
  async changeStep(id: string, stepName: string, change: Partial<ActionStep>): Promise<void> {
    await this.mergeStep(id, stepName, change, Prisma.empty);
  }

  /** The same for a note on progress: its commit does not wait for the disk, which takes longer than all the rest. A crash of the database's machine may lose it. */
  async noteStep(id: string, stepName: string, change: Partial<ActionStep>): Promise<void> {
    const unhurried = Prisma.sql`AND set_config('synchronous_commit', 'off', true) = 'off'`;
    await this.mergeStep(id, stepName, change, unhurried);
  }

  private async mergeStep(id: string, stepName: string, change: Partial<ActionStep>, also: Prisma.Sql): Promise<void> {
    const merge = JSON.stringify(change);
    await this.db.$executeRaw`
      UPDATE actions SET started_at = coalesce(started_at, now()), steps = (
        SELECT jsonb_agg(CASE WHEN step->>'name' = ${stepName} THEN step || ${merge}::jsonb ELSE step END ORDER BY place)
        FROM jsonb_array_elements(steps) WITH ORDINALITY AS listed(step, place)
      ) WHERE id = ${id} AND status = 'running' ${also}`;
  }

  /** Takes back an end whose answer was lost. */
  async reopen(id: string): Promise<void> {
    await this.db.action.updateMany({
      where: { id },
      data: { status: "running", endedAt: null, error: Prisma.DbNull },
    });
  }

  /** Ends the action once; a second end changes nothing. */
  async end(id: string, status: Exclude<ActionStatus, "running">, error: ActionFailure | null): Promise<void> {
    await this.db.action.updateMany({
      where: { id, status: "running" },
      data: {
        status,
        endedAt: new Date(),
        error: error === null ? Prisma.DbNull : (error as unknown as Prisma.InputJsonObject),
      },
    });
  }
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
    attempt: row.attempt,
    requestId: row.requestId,
    steps: row.steps as unknown as ActionStep[],
    error: row.error as unknown as ActionFailure | null,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
  };
}
