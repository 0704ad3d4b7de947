/** Who makes a request: the account an API key belongs to, and what the key may do. */
export interface Principal {
  accountId: string;
  apiKeyId: string;
  /** `*` or scopes such as `servers:read`. */
  scopes: readonly string[];
}
