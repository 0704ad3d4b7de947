import { lackingScopes, type Principal } from "../domain/principal.ts";

/** What a key may be allowed to do with these endpoints; `*` allows everything but `operator`. */
export const SCOPES = {
  "servers:read": "see servers",
  "servers:write": "make, change and delete servers",
  "databases:read": "see databases, without their passwords",
  "databases:write": "make, change and delete databases",
  "databases:credentials": "read how to log in to databases",
  "ssh_keys:read": "see SSH keys",
  "ssh_keys:write": "add and remove SSH keys",
  "api_keys:write": "see, make, roll and revoke API keys",
  "actions:read": "follow actions",
  operator: "operate the installation, across accounts; no part of `*`",
} as const;

export type Scope = keyof typeof SCOPES;

export function hasOneOf(principal: Principal, scopes: readonly Scope[]): boolean {
  return lackingScopes(principal.scopes, scopes).length < scopes.length;
}
