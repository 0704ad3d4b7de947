import { DomainError } from "../domain/domain-error.ts";
import type { ListPage, ListPosition, ListStart } from "../store/newest-first.ts";
import type { Page, PageRequest } from "./services.ts";

export function listStart(request: PageRequest): ListStart {
  if (request.cursor !== null) return { after: decodeCursor(request.cursor) };
  return { offset: (request.page - 1) * request.perPage };
}

export function toPage<T extends ListPosition>(list: ListPage<T>, request: PageRequest): Page<T> {
  const { items, hasMore, total } = list;
  const last = items.at(-1);
  const nextCursor = hasMore && last ? encodeCursor(last) : null;
  return { items, page: request.page, perPage: request.perPage, total, nextCursor };
}

function encodeCursor({ createdAt, id }: ListPosition): string {
  return Buffer.from(`${createdAt.getTime()} ${id}`).toString("base64url");
}

function decodeCursor(cursor: string): ListPosition {
  const [, time, id] = /^(\d{1,15}) ([a-z]{2,3}_[a-z2-7]{24})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (time === undefined || id === undefined) {
    throw new DomainError("validation_failed", {
      details: [{ field: "cursor", issue: "is not a cursor of this API; take it from meta.pagination.next_cursor" }],
    });
  }
  return { createdAt: new Date(Number(time)), id };
}
