/** A key of an account, without its token. */
export interface ApiKey {
  id: string;
  accountId: string;
  name: string;
  /** First characters of its token. */
  hint: string;
  /** `*` or scopes such as `servers:read`. */
  scopes: string[];
  /** Null: it does not expire. */
  expiresAt: Date | null;
  /** To the minute; null: never used. */
  lastUsedAt: Date | null;
  /** Until when a token from before its last roll works; null: there is none. */
  previousTokenUntil: Date | null;
  createdAt: Date;
}

/** A key at the moment in which its token can be seen. */
export interface IssuedApiKey {
  key: ApiKey;
  /** Null in the answer to a repetition: it is stored nowhere. */
  token: string | null;
}

/** What is wrong with an expiry that was asked for; null: nothing. */
export function expiryIssue(expiresAt: Date): string | null {
  return expiresAt.getTime() <= Date.now() ? "must be in the future" : null;
}
