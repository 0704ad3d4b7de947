import { ageOf, table } from "./columns.ts";

/** A hold as the operator API shows it, as far as it is told here. */
export interface ShownHold {
  id: string;
  status: string;
  region: string | null;
  host: string | null;
  step: string | null;
  resource_type: string | null;
  reason: string;
  waiting: number;
  created_at: string;
}

export function holdTable(holds: ShownHold[]): string[] {
  if (holds.length === 0) return ["nothing is held"];
  const rows = holds.map((hold) => [
    ...[hold.id, hold.status, hold.region ?? "*", hold.host ?? "*", hold.step ?? "*", hold.resource_type ?? "*"],
    ...[String(hold.waiting), ageOf(hold.created_at), hold.reason],
  ]);
  return table([["ID", "STATUS", "REGION", "HOST", "STEP", "KIND", "WAITING", "AGE", "REASON"], ...rows]);
}
