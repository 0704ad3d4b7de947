import pg from "pg";

export interface SentStatement {
  text: string;
  /** Of its first sending. */
  values: unknown[];
}

/**
 * Notes the statements that this process sends to a database, by Prisma or by `pg`, from now on: each text once. Both end in pg's `Client.query`, which is watched
 * and otherwise left as it is.
 */
export function watchStatements(databaseUrl: string): { sent: Map<string, SentStatement>; stop: () => void } {
  const database = new URL(databaseUrl).pathname.slice(1);
  const sent = new Map<string, SentStatement>();
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function watched(this: pg.Client, ...parts: unknown[]) {
    const [statement, values] = parts as [string | { text: string; values?: unknown[] }, unknown];
    const text = typeof statement === "string" ? statement : statement.text;
    const given = typeof statement === "string" ? values : (statement.values ?? values);
    if (this.database === database && !sent.has(text))
      sent.set(text, { text, values: Array.isArray(given) ? given : [] });
    return (query as (...all: unknown[]) => unknown).apply(this, parts);
  } as typeof query;
  return {
    sent,
    stop() {
      pg.Client.prototype.query = query;
    },
  };
}
