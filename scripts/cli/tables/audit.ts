import { table } from "./columns.ts";

/** An audit as the API shows it, as far as it is told here. */
export interface ShownAudit {
  id: string;
  status: string;
  totals: { scope: string; owned: number; found: number; problem: string | null }[];
  differences: {
    class: string;
    region: string | null;
    subject: string;
    detail: string;
    outcome: string;
    repair_after: string | null;
    message: string | null;
  }[];
}

/** A line a difference, and a line a region. */
export function auditTable({ id, status, totals, differences }: ShownAudit): string[] {
  const found = differences.map(({ class: name, region, subject, detail, outcome, repair_after: after, message }) => [
    name,
    region ?? "",
    subject,
    outcome === "waiting" ? `waiting until ${after ?? ""}` : outcome,
    message ?? detail,
  ]);
  const parts = totals.map(({ scope, owned, found: there, problem }) => {
    const words = scope === "*" ? "rows compared" : "owned";
    return `${scope}: ${owned} ${words}, ${there} ${scope === "*" ? "right" : "found"}${problem === null ? "" : `; ${problem}`}`;
  });
  const lines = found.length === 0 ? [] : table([["CLASS", "REGION", "SUBJECT", "OUTCOME", "DETAIL"], ...found]);
  const end = `${differences.length} ${differences.length === 1 ? "difference" : "differences"}, audit ${id} ${status}`;
  return [...lines, ...parts, end];
}
