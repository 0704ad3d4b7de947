/** What commands put into a body or a query string. */

/** Without what is not there. */
export function defined<Value>(fields: Record<string, Value | undefined>): Record<string, Value> {
  const given = Object.entries(fields).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  return Object.fromEntries(given);
}

/** `?a=b`; nothing where there is nothing. */
export function queryOf(fields: Record<string, string | number | boolean>): string {
  const query = new URLSearchParams();
  for (const [field, value] of Object.entries(fields)) query.set(field, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
}
