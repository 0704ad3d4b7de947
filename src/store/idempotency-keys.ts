import type { Db } from "./connection.ts";

export interface IdempotencyRecord {
  route: string;
  bodyHash: string;
  resourceId: string;
}

/** What an account's Idempotency-Keys were used for. */
export class IdempotencyKeyRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async find(accountId: string, key: string, notBefore: Date): Promise<IdempotencyRecord | null> {
    return this.db.idempotencyKey.findFirst({
      where: { accountId, key, createdAt: { gte: notBefore } },
      select: { route: true, bodyHash: true, resourceId: true },
    });
  }

  /**
   * Claims the key in the transaction of the effect; false if another request has it. A twin that has not committed yet is waited for, at most `waitMs`
   * (SQLSTATE 55P03 after that).
   */
  async claim(
    accountId: string,
    key: string,
    record: IdempotencyRecord,
    expiredBefore: Date,
    waitMs: number,
  ): Promise<boolean> {
    await this.db.$executeRaw`SELECT set_config('lock_timeout', ${`${waitMs}ms`}, true)`;
    const claimed = await this.db.$executeRaw`
      INSERT INTO idempotency_keys (account_id, key, route, body_hash, resource_id)
      VALUES (${accountId}, ${key}, ${record.route}, ${record.bodyHash}, ${record.resourceId})
      ON CONFLICT (account_id, key) DO UPDATE
        SET route = excluded.route, body_hash = excluded.body_hash, resource_id = excluded.resource_id, created_at = now()
        WHERE idempotency_keys.created_at < ${expiredBefore}`;
    return claimed > 0;
  }

  async forget(resourceId: string, accountId: string): Promise<void> {
    await this.db.idempotencyKey.deleteMany({ where: { resourceId, accountId } });
  }

  async deleteExpired(expiredBefore: Date): Promise<number> {
    return (await this.db.idempotencyKey.deleteMany({ where: { createdAt: { lt: expiredBefore } } })).count;
  }
}
