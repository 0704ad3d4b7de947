/** Who makes a request: the account an API key belongs to, and what the key may do. */
export interface Principal {
  accountId: string;
  apiKeyId: string;
  /** Which of the key's tokens was sent: while it is rolled it has two. */
  tokenId: string;
  /** `*` or scopes such as `servers:read`. */
  scopes: readonly string[];
}

/** Every scope of an account at once. */
export const FULL_ACCESS = "*";

/** What is done to the installation, across accounts: no part of full access to one. */
const OPERATOR = "operator";

/** Which of these scopes a key with `held` does not have. */
export function lackingScopes(held: readonly string[], wanted: readonly string[]): string[] {
  const isFull = held.includes(FULL_ACCESS);
  return wanted.filter((scope) => !held.includes(scope) && !(isFull && scope !== OPERATOR));
}
