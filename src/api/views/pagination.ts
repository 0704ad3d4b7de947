import type { Page } from "../../services/services.ts";
import type { Reply } from "../answer.ts";
import type { PaginationView } from "../schemas/shown.ts";

/** The answer to a list call: the items as `view` shows them, `meta.pagination` and the `Link` header. */
export function pageReply<T, View>(
  page: Page<T>,
  view: (item: T) => View,
  path: string,
  queryString: string,
): Reply<200, View[]> {
  const pagination = {
    page: page.page,
    per_page: page.perPage,
    total: page.total,
    total_pages: Math.ceil(page.total / page.perPage),
    next_cursor: page.nextCursor,
  };
  return {
    status: 200,
    data: page.items.map(view),
    pagination,
    headers: { Link: linkHeader(pagination, path, queryString) },
  };
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
