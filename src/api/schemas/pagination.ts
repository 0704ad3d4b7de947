import { LIMITS } from "../../domain/limits.ts";
import type { PageRequest } from "../../services/services.ts";
import { integerParameter, line } from "./fields.ts";

/** A page beyond this is not read by its number in earnest: that is what the cursor is for. */
const PAGE_MAX = 1_000_000;

/** The parameters every list takes. */
export const pageParameters = {
  page: integerParameter({ min: 1, max: PAGE_MAX, default: 1 }).meta({ description: "Which page, counted from 1." }),
  per_page: integerParameter({ min: 1, max: LIMITS.perPageMax, default: LIMITS.perPageDefault }).meta({
    description: "How many items a page has.",
  }),
  cursor: line(512)
    .meta({
      description:
        "`meta.pagination.next_cursor` of the page before: reads on from there however long the list is. It wins over `page`.",
    })
    .optional(),
};

export function pageRequest(query: { page: number; per_page: number; cursor?: string | undefined }): PageRequest {
  return { page: query.page, perPage: query.per_page, cursor: query.cursor ?? null };
}
