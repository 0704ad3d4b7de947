import { table } from "./columns.ts";

/** A retry as the operator API shows it, as far as it is told here. */
export interface ShownRetry {
  id: string;
  status: string;
  matched: number;
  started: number;
  skipped: number;
  items?: {
    action_id: string;
    resource: { id: string };
    outcome: string;
    skipped: { code: string; message: string } | null;
  }[];
}

/** A line for each that was skipped, and the sum. */
export function retryTable({ id, status, started, skipped, items = [] }: ShownRetry): string[] {
  const left = items
    .filter(({ outcome }) => outcome === "skipped")
    .map((item) => [item.action_id, item.resource.id, item.skipped?.code ?? "", item.skipped?.message ?? ""]);
  const lines = left.length === 0 ? [] : table([["SKIPPED", "RESOURCE", "CODE", "WHY"], ...left]);
  return [...lines, `${id} ${status}: ${started} begun, ${skipped} skipped`];
}
