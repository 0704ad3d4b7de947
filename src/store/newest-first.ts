import type { Db } from "./connection.ts";

/** A place in a list that is ordered newest first: what follows is older. */
export interface ListPosition {
  createdAt: Date;
  id: string;
}

export type ListStart = { offset: number } | { after: ListPosition };

/** A page of a list. Equal reads at the same moment are given the same one: it is not to be changed. */
export interface ListPage<T> {
  items: readonly T[];
  /** Whether the list goes on after these. */
  hasMore: boolean;
  /** Of the whole list, not of this page. */
  total: number;
}

/** `rows` are one more than `limit` if the list goes on. */
export function listPage<T>(rows: T[], limit: number, total: number): ListPage<T> {
  return { items: rows.slice(0, limit), hasMore: rows.length > limit, total };
}

/**
 * How a page of a list is asked of Prisma: of the rows that meet `where`, newest first, one more than `limit`. Rows that come meanwhile do not shift what is read
 * by a position.
 */
export function newestFirst<Where extends object>(where: Where, start: ListStart, limit: number) {
  return {
    where: "after" in start ? { ...where, ...olderThan(start.after) } : where,
    orderBy: [{ createdAt: "desc" as const }, { id: "desc" as const }],
    take: limit + 1,
    skip: "offset" in start ? start.offset : 0,
  };
}

function olderThan({ createdAt, id }: { createdAt: Date; id: string }) {
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}

/** How many rows a log has in all: the sum of what its triggers wrote (the migration `log_counts`). */
export async function countOfLog(
  db: Db,
  log: "audit_events" | "audits" | "retries" | "holds" | "accounts",
): Promise<number> {
  const { _sum: sum } = await db.logCount.aggregate({ where: { log }, _sum: { change: true } });
  return sum.change ?? 0;
}
