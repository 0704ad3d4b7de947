import { ageOf, table } from "./columns.ts";

/** A key of an account as operators see it: never the token. */
export interface ShownKey {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  expires_at: string | null;
  last_used_at: string | null;
  created_at: string;
}

export function keyTable(keys: ShownKey[]): string[] {
  if (keys.length === 0) return ["it has no key"];
  const rows = keys.map((key) => [
    ...[key.id, key.name, key.hint, key.scopes.join(","), key.expires_at ?? "never"],
    ...[key.last_used_at === null ? "never" : `${ageOf(key.last_used_at)} ago`, ageOf(key.created_at)],
  ]);
  return table([["ID", "NAME", "TOKEN", "SCOPES", "EXPIRES", "USED", "AGE"], ...rows]);
}
