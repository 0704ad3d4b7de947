/** What a successful call answers. */
export interface Reply {
  status: 200 | 201 | 202;
  data: unknown;
  pagination?: PaginationView;
  /** Further response headers. */
  headers?: Record<string, string>;
}

/** `meta.pagination` of a list. */
export interface PaginationView {
  page: number;
  per_page: number;
  total: number;
  total_pages: number;
  next_cursor: string | null;
}
