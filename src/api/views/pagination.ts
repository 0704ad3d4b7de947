import type { Page } from "../../services/services.ts";
import type { Reply } from "../answer.ts";
import type { PaginationView } from "../schemas/shown.ts";

/** Items as they are shown, as JSON, and the answers that they were in, by query string. */
interface Shown<View> {
  views: View[];
  json: Buffer;
  replies: Map<string, Reply<200, View[]>>;
}

/**
 * Makes the answers to a list call: the items as `view` shows them, `meta.pagination` and the `Link` header. Equal lists that arrive together are given the same items
 * (store/joined-reads.ts): they are shown and written once, and so is all of the answer where they were asked for alike.
 */
export function pageReplies<T, View>(view: (item: T) => View, path: string) {
  const known = new WeakMap<readonly T[], Shown<View>>();
  const show = (items: readonly T[]): Shown<View> => {
    const views = items.map(view);
    const shown = { views, json: Buffer.from(JSON.stringify(views)), replies: new Map() };
    known.set(items, shown);
    return shown;
  };
  return (page: Page<T>, queryString: string): Reply<200, View[]> => {
    const shown = known.get(page.items) ?? show(page.items);
    const reply = shown.replies.get(queryString) ?? replyOf(page, shown, path, queryString);
    shown.replies.set(queryString, reply);
    return reply;
  };
}

function replyOf<T, View>(
  { page, perPage, total, nextCursor }: Page<T>,
  { views, json }: Shown<View>,
  path: string,
  queryString: string,
): Reply<200, View[]> {
  const pagination = {
    page,
    per_page: perPage,
    total,
    total_pages: Math.ceil(total / perPage),
    next_cursor: nextCursor,
  };
  return { status: 200, data: views, json, pagination, headers: { Link: linkHeader(pagination, path, queryString) } };
}

/**
 * Links to the neighbours with the same filters (RFC 8288). They are relative to the request, so no Host header of a client or proxy gets into them.
 * A list read by cursor only goes on: it has no page numbers to go back to.
 */
function linkHeader(pagination: PaginationView, path: string, queryString: string): string {
  const parameters = new URLSearchParams(queryString);
  const byCursor = parameters.has("cursor");
  for (const name of ["page", "per_page", "cursor"]) parameters.delete(name);
  const filters = parameters.toString();
  const start = `${path}?${filters}${filters === "" ? "" : "&"}per_page=${pagination.per_page}`;
  const link = (relation: string, position: string) => `<${start}&${position}>; rel="${relation}"`;

  const { page, total_pages: totalPages, next_cursor: nextCursor } = pagination;
  const links = [link("first", "page=1")];
  if (byCursor) {
    if (nextCursor !== null) links.push(link("next", `cursor=${encodeURIComponent(nextCursor)}`));
    return links.join(", ");
  }
  if (page > 1) links.push(link("prev", `page=${Math.max(1, Math.min(page - 1, totalPages))}`));
  if (page < totalPages) links.push(link("next", `page=${page + 1}`));
  links.push(link("last", `page=${Math.max(1, totalPages)}`));
  return links.join(", ");
}
