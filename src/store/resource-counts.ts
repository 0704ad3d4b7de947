import type { Db } from "./connection.ts";

/** How many servers and databases an account has. Triggers keep the rows; this mends them. */
export class ResourceCountRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Adds what is missing to the account's counts. One statement: what is made or deleted meanwhile is in rows and counts, or in neither. */
  async correct(accountId: string): Promise<void> {
    await this.db.$executeRaw`
      INSERT INTO resource_counts (account_id, kind, region, status, change)
      SELECT ${accountId}, kind, region, status, sum(n) FROM (
        SELECT 'server' AS kind, region, status, 1 AS n FROM servers WHERE account_id = ${accountId} AND deleted_at IS NULL
        UNION ALL SELECT 'database', region, status, 1 FROM databases WHERE account_id = ${accountId} AND deleted_at IS NULL
        UNION ALL SELECT kind, region, status, -change FROM resource_counts WHERE account_id = ${accountId}
      ) AS wanted GROUP BY kind, region, status HAVING sum(n) <> 0`;
  }
}
