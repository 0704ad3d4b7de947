import type { Principal } from "../domain/principal.ts";
import type { Db } from "./connection.ts";

export interface NewApiKey {
  id: string;
  accountId: string;
  name: string;
  tokenHash: string;
  hint: string;
  scopes: string[];
}

/** Accounts and their API keys. Keys are stored as hashes only. */
export class ApiKeyRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async findByHash(tokenHash: string): Promise<(Principal & { expiresAt: Date | null }) | null> {
    const row = await this.db.apiKey.findUnique({ where: { tokenHash } });
    if (!row || row.revokedAt) return null;
    return { accountId: row.accountId, apiKeyId: row.id, scopes: row.scopes, expiresAt: row.expiresAt };
  }

  /** The account of this name, made if it is missing; returns its id. */
  async ensureAccount(id: string, name: string): Promise<string> {
    await this.db.$executeRaw`INSERT INTO accounts (id, name) VALUES (${id}, ${name}) ON CONFLICT (name) DO NOTHING`;
    return (await this.db.account.findUniqueOrThrow({ where: { name }, select: { id: true } })).id;
  }

  async countOfAccount(accountId: string): Promise<number> {
    return this.db.apiKey.count({ where: { accountId } });
  }

  /** Inserts the key unless a key of the same hash is there. */
  async insertIfMissing(key: NewApiKey): Promise<boolean> {
    return (await this.db.apiKey.createMany({ data: [key], skipDuplicates: true })).count > 0;
  }
}
