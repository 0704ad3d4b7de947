/** What a successful call answers. */
export interface Reply {
  status: 200 | 201 | 202;
  data: unknown;
  /** Sent as it is, in place of the envelope: for what other programs read as a file. */
  file?: { contentType: string; text: string };
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
