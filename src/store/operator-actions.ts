import type { Action, ActionParameters } from "../domain/action.ts";
import type {
  GateWait,
  OperatorAction,
  OperatorActionDetail,
  OperatorActionFilter,
} from "../domain/operator-action.ts";
import type { ActionStatus } from "../domain/statuses.ts";
import type { ActionRepository } from "./actions.ts";
import type { Db } from "./connection.ts";
import type { GateWaitRepository } from "./gate-waits.ts";
import { Prisma } from "./generated/client.ts";
import { type ListPage, type ListStart, listPage } from "./newest-first.ts";
import { RESOURCE_TABLES } from "./resource-tables.ts";

/** Totals are counted up to here: all actions of an installation are too many to count for a list. */
const COUNTED_UP_TO = 1_000;

/** The actions of all accounts. */
export class OperatorActionReads {
  private readonly db: Db;
  private readonly actions: ActionRepository;
  private readonly waits: GateWaitRepository;

  constructor(db: Db, repositories: { actions: ActionRepository; gateWaits: GateWaitRepository }) {
    this.db = db;
    this.actions = repositories.actions;
    this.waits = repositories.gateWaits;
  }

  /** Newest first. The total is not more than `COUNTED_UP_TO`. */
  async list(filter: OperatorActionFilter, start: ListStart, limit: number): Promise<ListPage<OperatorAction>> {
    const branches = branchesOf(filter);
    const [ids, total] = await Promise.all([this.ids(branches, start, limit + 1), this.count(branches)]);
    return listPage(await this.withMore(ids), limit, total);
  }

  async find(id: string): Promise<Omit<OperatorActionDetail, "pending"> | null> {
    const [action] = await this.withMore([{ id }]);
    if (!action) return null;
    const { accountId, resourceKind, resourceId } = action;
    const [[row], [account], [resource]] = await Promise.all([
      this.db.$queryRaw<{ parameters: ActionParameters | null }[]>`SELECT parameters FROM actions WHERE id = ${id}`,
      this.db.$queryRaw<{ name: string }[]>`SELECT name FROM accounts WHERE id = ${accountId}`,
      this.db.$queryRaw<NonNullable<OperatorActionDetail["resource"]>[]>`
        SELECT name, status, ipv4 FROM ${RESOURCE_TABLES[resourceKind]} WHERE id = ${resourceId} AND deleted_at IS NULL`,
    ]);
    return {
      ...action,
      accountName: account?.name ?? "",
      parameters: row?.parameters ?? null,
      resource: resource ?? null,
    };
  }

  private async ids(branches: Prisma.Sql[], start: ListStart, limit: number): Promise<{ id: string }[]> {
    const offset = "offset" in start ? start.offset : 0;
    const older =
      "after" in start
        ? Prisma.sql`AND (created_at, id) < (${start.after.createdAt}::timestamptz, ${start.after.id})`
        : Prisma.empty;
    const pages = branches.map(
      (where) =>
        Prisma.sql`(SELECT id, created_at FROM actions WHERE ${where} ${older} ${newestFirst(offset + limit)})`,
    );
    return this.db.$queryRaw`SELECT id FROM (${union(pages)}) AS found ${newestFirst(limit)} OFFSET ${offset}`;
  }

  private async count(branches: Prisma.Sql[]): Promise<number> {
    // In an order that an index has: the planner would rather read all.
    const some = branches.map(
      (where) => Prisma.sql`(SELECT id FROM actions WHERE ${where} ${newestFirst(COUNTED_UP_TO)})`,
    );
    const [row] = await this.db.$queryRaw<{ count: number }[]>`SELECT count(*)::int FROM (${union(some)}) AS found`;
    return Math.min(row?.count ?? 0, COUNTED_UP_TO);
  }

  private async withMore(few: { id: string }[]): Promise<OperatorAction[]> {
    const ids = few.map(({ id }) => id);
    const [actions, times, waits] = await Promise.all([
      this.actions.inOrder(few),
      this.db.$queryRaw<Times[]>`
        SELECT id, started_at AS "startedAt", cancel_requested_at AS "cancelRequestedAt" FROM actions WHERE id = ANY(${ids})`,
      this.waits.of(ids),
    ]);
    const timesOf = new Map(times.map((row) => [row.id, row]));
    return actions.map((action) => ({ ...action, ...rest(action, timesOf.get(action.id), waits.get(action.id)) }));
  }
}

interface Times {
  id: string;
  startedAt: Date | null;
  cancelRequestedAt: Date | null;
}

function rest({ status }: Action, times: Times | undefined, wait: GateWait | undefined) {
  const { startedAt = null, cancelRequestedAt = null } = times ?? {};
  return { startedAt, cancelRequestedAt, wait: status === "running" ? (wait ?? null) : null };
}

function union(parts: Prisma.Sql[]): Prisma.Sql {
  return Prisma.join(parts, " UNION ALL ");
}

function newestFirst(limit: number): Prisma.Sql {
  return Prisma.sql`ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
}

/** The name of the first step that has not succeeded. */
const STANDS_AT = Prisma.sql`jsonb_path_query_first(steps, '$[*] ? (@.status != "succeeded").name') #>> '{}'`;

/** The filter as conditions of which each has an index; a row meets one of them at most. */
function branchesOf(filter: OperatorActionFilter): Prisma.Sql[] {
  const { status, step, ...more } = filter;
  if (step === null) return [all(ofStatus(status), more)];
  const running = all(ofStatus("running"), more, Prisma.sql`AND ${STANDS_AT} = ${step}`);
  const failed = Prisma.sql`AND error IS NOT NULL AND error->>'step' = ${step}`;
  if (status === "running") return [running];
  if (status !== null) return [all(ofStatus(status), more, failed)];
  return [running, all(Prisma.sql`status <> 'running'`, more, failed)];
}

/** Part of the text: for any status an index of those in one would not do. */
function ofStatus(status: ActionStatus | null): Prisma.Sql {
  switch (status) {
    case null:
      return Prisma.sql`true`;
    case "running":
      return Prisma.sql`status = 'running'`;
    case "failed":
      return Prisma.sql`status = 'failed'`;
    case "cancelled":
      return Prisma.sql`status = 'cancelled'`;
    case "succeeded":
      return Prisma.sql`status = 'succeeded'`;
  }
}

function all(
  first: Prisma.Sql,
  filter: Omit<OperatorActionFilter, "status" | "step">,
  last: Prisma.Sql = Prisma.empty,
): Prisma.Sql {
  const { type, resourceKind, region, errorCode, accountId, createdBefore, createdAfter } = filter;
  const conditions = [
    ...(type === null ? [] : [Prisma.sql`type = ${type}`]),
    ...(resourceKind === null ? [] : [Prisma.sql`resource_type = ${resourceKind}`]),
    ...(region === null ? [] : [Prisma.sql`region = ${region}`]),
    ...(errorCode === null ? [] : [Prisma.sql`error IS NOT NULL AND error->>'code' = ${errorCode}`]),
    ...(accountId === null ? [] : [Prisma.sql`account_id = ${accountId}`]),
    ...(createdBefore === null ? [] : [Prisma.sql`created_at < ${createdBefore}`]),
    ...(createdAfter === null ? [] : [Prisma.sql`created_at > ${createdAfter}`]),
  ];
  return Prisma.sql`${Prisma.join([first, ...conditions], " AND ")} ${last}`;
}
