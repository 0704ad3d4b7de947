import { table } from "./columns.ts";

/** An account as the operator API shows one, as far as it is told here. */
export interface ShownAccount extends Record<string, unknown> {
  id: string;
  name: string;
  created_at: string;
  quotas: Record<string, { limit: number; used: number }>;
  /** Null: the installation's. */
  own_limits: Record<string, number | null>;
}

/** What it is, and a line a quota. */
export function accountLines({ quotas, own_limits: own, ...facts }: ShownAccount): string[] {
  const rows = Object.entries(quotas).map(([quota, { used, limit }]) => [
    ...[quota, String(used), String(limit), (own[quota] ?? null) === null ? "the installation's" : "its own"],
  ]);
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  return [
    ...table(known.map(([field, value]) => [field, typeof value === "string" ? value : JSON.stringify(value)])),
    "",
    ...table([["QUOTA", "USED", "LIMIT", "WHOSE LIMIT"], ...rows]),
  ];
}
