import type { HashedToken } from "../domain/api-token-hasher.ts";
import type { Db } from "./connection.ts";

/** A stored token with its key, whether it is still in force or not. */
export interface StoredToken {
  id: string;
  tokenHash: string;
  pepperId: string | null;
  validUntil: Date | null;
  apiKeyId: string;
  accountId: string;
  scopes: string[];
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  /** Of its account. */
  suspendedAt: Date | null;
}

/** The tokens of API keys, stored as hashes only. */
export class ApiKeyTokenRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** The token that has one of these hashes. */
  async findByHash(hashes: string[]): Promise<StoredToken | null> {
    const [row] = await this.db.$queryRaw<StoredToken[]>`
      SELECT t.id, t.token_hash AS "tokenHash", t.pepper_id AS "pepperId", t.valid_until AS "validUntil", k.id AS "apiKeyId",
        k.account_id AS "accountId", k.scopes, k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt",
        a.suspended_at AS "suspendedAt"
      FROM api_key_tokens t JOIN api_keys k ON k.id = t.api_key_id JOIN accounts a ON a.id = k.account_id
      WHERE t.token_hash = ANY(${hashes})`;
    return row ?? null;
  }

  /** When the token stops to work, or did: null for one that does not by itself. */
  async findEnd(id: string): Promise<{ revoked: boolean; end: Date | null } | null> {
    const row = await this.db.apiKeyToken.findUnique({ where: { id }, include: { apiKey: true } });
    if (!row) return null;
    const ends = [row.validUntil, row.apiKey.expiresAt].filter((end) => end !== null);
    const end = ends.length === 0 ? null : new Date(Math.min(...ends.map((date) => date.getTime())));
    return { revoked: row.apiKey.revokedAt !== null, end };
  }

  /** Which of these tokens still work. */
  async inForce(ids: string[]): Promise<Set<string>> {
    const rows = await this.db.$queryRaw<{ id: string }[]>`
      SELECT t.id FROM api_key_tokens t JOIN api_keys k ON k.id = t.api_key_id JOIN accounts a ON a.id = k.account_id
      WHERE t.id = ANY(${ids}) AND a.suspended_at IS NULL AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND (t.valid_until IS NULL OR t.valid_until > now())`;
    return new Set(rows.map(({ id }) => id));
  }

  /** The same token under another pepper. */
  async rehash(id: string, hashed: HashedToken): Promise<void> {
    await this.db.apiKeyToken.update({ where: { id }, data: hashed });
  }
}
