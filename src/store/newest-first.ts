import type { ListStart } from "./resource-reads.ts";

/** How a page of a list is asked of Prisma: of the rows that meet `where`, newest first. Rows that come meanwhile do not shift what is read by a position. */
export function newestFirst<Where extends object>(where: Where, start: ListStart, limit: number) {
  return {
    where: "after" in start ? { ...where, ...olderThan(start.after) } : where,
    orderBy: [{ createdAt: "desc" as const }, { id: "desc" as const }],
    take: limit,
    skip: "offset" in start ? start.offset : 0,
  };
}

function olderThan({ createdAt, id }: { createdAt: Date; id: string }) {
  return { OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] };
}
