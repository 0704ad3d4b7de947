import type { Account, AccountStatus } from "../domain/account.ts";
import type { Db } from "./connection.ts";
import { countOfLog, type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";

export interface AccountListing extends Account {
  /** Living ones. */
  apiKeys: number;
  /** Tokens in force that are not stored under the newest pepper yet. */
  tokensUnderOlderPeppers: number;
}

const SUSPENDED = { suspendedAt: { not: null } };

export class AccountRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Run in a transaction: two rows. */
  async insert(id: string, name: string): Promise<Account> {
    const account = await this.db.account.create({ data: { id, name } });
    await this.db.accountQuotas.create({ data: { accountId: id } });
    return account;
  }

  /** The account of this name, made if it is missing; returns its id. */
  async ensure(id: string, name: string): Promise<string> {
    await this.db.$executeRaw`INSERT INTO accounts (id, name) VALUES (${id}, ${name}) ON CONFLICT (name) DO NOTHING`;
    await this.db.$executeRaw`INSERT INTO account_quotas (account_id) SELECT id FROM accounts ON CONFLICT DO NOTHING`;
    return (await this.db.account.findUniqueOrThrow({ where: { name }, select: { id: true } })).id;
  }

  async find(id: string): Promise<Account | null> {
    return this.db.account.findUnique({ where: { id } });
  }

  async findByName(name: string): Promise<Account | null> {
    return this.db.account.findUnique({ where: { name } });
  }

  /** Newest first; of one status or of all. */
  async page(status: AccountStatus | null, start: ListStart, limit: number): Promise<ListPage<Account>> {
    const where = { active: { suspendedAt: null }, suspended: SUSPENDED };
    const [rows, total] = await Promise.all([
      this.db.account.findMany(newestFirst(status === null ? {} : where[status], start, limit)),
      this.count(status),
    ]);
    return listPage(rows, limit, total);
  }

  /** Reads no rows but those that are suspended, which are few. */
  private async count(status: AccountStatus | null): Promise<number> {
    const suspended = status === null ? 0 : await this.db.account.count({ where: SUSPENDED });
    return status === "suspended" ? suspended : (await countOfLog(this.db, "accounts")) - suspended;
  }

  async setSuspended(id: string, suspendedAt: Date | null): Promise<Account> {
    return this.db.account.update({ where: { id }, data: { suspendedAt } });
  }

  /** Until the transaction ends, nobody else changes which keys the account has. */
  async lock(id: string): Promise<void> {
    await this.db.$executeRaw`SELECT 1 FROM accounts WHERE id = ${id} FOR UPDATE`;
  }

  async list(newestPepperId: string): Promise<AccountListing[]> {
    return this.db.$queryRaw`
      SELECT a.id, a.name, a.created_at AS "createdAt", a.suspended_at AS "suspendedAt", count(DISTINCT k.id)::int AS "apiKeys",
        (count(t.id) FILTER (WHERE t.pepper_id IS DISTINCT FROM ${newestPepperId}))::int AS "tokensUnderOlderPeppers"
      FROM accounts a
      LEFT JOIN api_keys k ON k.account_id = a.id AND k.revoked_at IS NULL
      LEFT JOIN api_key_tokens t ON t.api_key_id = k.id AND (t.valid_until IS NULL OR t.valid_until > now())
        AND (k.expires_at IS NULL OR k.expires_at > now())
      GROUP BY a.id ORDER BY a.created_at, a.id`;
  }
}
