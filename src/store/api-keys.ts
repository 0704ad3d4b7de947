import type { ApiKey } from "../domain/api-key.ts";
import type { HashedToken } from "../domain/api-token-hasher.ts";
import { FULL_ACCESS } from "../domain/principal.ts";
import type { Db } from "./connection.ts";
import { type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";

export interface NewApiToken extends HashedToken {
  id: string;
  /** For the key: how it is recognised from now on. */
  hint: string;
}

export interface NewApiKey {
  id: string;
  accountId: string;
  name: string;
  scopes: string[];
  expiresAt: Date | null;
  token: NewApiToken;
}

/** Accounts' API keys. Whoever changes which keys an account has locks the account first. */
export class ApiKeyRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async insert({ token, ...key }: NewApiKey): Promise<ApiKey> {
    const { hint, ...hashed } = token;
    const row = await this.db.apiKey.create({ data: { ...key, hint, tokens: { create: hashed } } });
    return toApiKey({ ...row, tokens: [] });
  }

  /** A living key of the account. */
  async find(id: string, accountId: string): Promise<ApiKey | null> {
    const row = await this.db.apiKey.findFirst({ where: { id, accountId, revokedAt: null }, include: overlap() });
    return row && toApiKey(row);
  }

  /** A living key of any account. */
  async findAny(id: string): Promise<ApiKey | null> {
    const row = await this.db.apiKey.findFirst({ where: { id, revokedAt: null }, include: overlap() });
    return row && toApiKey(row);
  }

  async list(accountId: string, start: ListStart, limit: number): Promise<ListPage<ApiKey>> {
    const living = { accountId, revokedAt: null };
    const [rows, total] = await Promise.all([
      this.db.apiKey.findMany({ ...newestFirst(living, start, limit), include: overlap() }),
      this.db.apiKey.count({ where: living }),
    ]);
    return listPage(rows.map(toApiKey), limit, total);
  }

  async isNameTaken(accountId: string, name: string): Promise<boolean> {
    return (await this.db.apiKey.count({ where: { accountId, name, revokedAt: null } })) > 0;
  }

  /** How many keys the account ever had. */
  async countOfAccount(accountId: string): Promise<number> {
    return this.db.apiKey.count({ where: { accountId } });
  }

  /** Whether the account has a key besides this one that has full access and does not expire. */
  async hasOtherOwnerKey(id: string, accountId: string): Promise<boolean> {
    const where = { accountId, id: { not: id }, revokedAt: null, expiresAt: null, scopes: { has: FULL_ACCESS } };
    return (await this.db.apiKey.count({ where })) > 0;
  }

  async revoke(id: string): Promise<void> {
    await this.db.apiKey.update({ where: { id }, data: { revokedAt: new Date() } });
  }

  /** Gives the key another token. Those that it has end at `previousUntil`, unless they end before. */
  async roll(id: string, { hint, ...token }: NewApiToken, previousUntil: Date): Promise<void> {
    await this.db.apiKeyToken.updateMany({
      where: { apiKeyId: id, OR: [{ validUntil: null }, { validUntil: { gt: previousUntil } }] },
      data: { validUntil: previousUntil },
    });
    await this.db.apiKeyToken.create({ data: { ...token, apiKeyId: id } });
    await this.db.apiKey.update({ where: { id }, data: { hint } });
  }

  /** Written once a minute at most, however often and by however many processes it is called. */
  async noteUse(id: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE api_keys SET last_used_at = date_trunc('minute', now())
      WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at < date_trunc('minute', now()))`;
  }
}

/** The latest token from before a roll that still works. */
function overlap() {
  return {
    tokens: {
      where: { validUntil: { gt: new Date() } },
      orderBy: { validUntil: "desc" as const },
      take: 1,
      select: { validUntil: true },
    },
  };
}

function toApiKey(row: Omit<ApiKey, "previousTokenUntil"> & { tokens: { validUntil: Date | null }[] }): ApiKey {
  const { id, accountId, name, hint, scopes, expiresAt, lastUsedAt, createdAt } = row;
  const previousTokenUntil = row.tokens[0]?.validUntil ?? null;
  return { id, accountId, name, hint, scopes, expiresAt, lastUsedAt, previousTokenUntil, createdAt };
}
