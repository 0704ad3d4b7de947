import type { Principal } from "../domain/principal.ts";

/** What a key may be allowed to do with these endpoints; `*` allows everything. */
export type Scope =
  | "servers:read"
  | "servers:write"
  | "databases:read"
  | "databases:write"
  | "databases:credentials"
  | "ssh_keys:read"
  | "ssh_keys:write"
  | "actions:read";

export function hasScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes("*") || principal.scopes.includes(scope);
}
