import { ageOf, table } from "./columns.ts";

interface Promised {
  limit: number | null;
  promised: number;
}

/** A region as the operator API shows it. */
export interface ShownRegion {
  slug: string;
  host: string;
  vcpus: Promised;
  memory_mib: Promised;
  disk_gib: Promised;
  addresses: { offered: number; held: number; free: number };
  workers: number | null;
  audit: { ended_at: string | null; differences: number; problem: string | null } | null;
}

/** What is promised of what there is, and how the latest audit found it. */
export function regionTable(regions: ShownRegion[]): string[] {
  const rows = regions.map((region) => [
    region.slug,
    region.host,
    ...[region.vcpus, region.memory_mib, region.disk_gib].map(({ promised, limit }) => `${promised}/${limit ?? "∞"}`),
    `${region.addresses.held}/${region.addresses.offered}`,
    region.workers === null ? "?" : String(region.workers),
    auditText(region.audit),
  ]);
  return table([
    ["REGION", "HOST", "VCPUS", "MEMORY MIB", "DISK GIB", "ADDRESSES", "WORKERS", "LATEST AUDIT"],
    ...rows,
  ]);
}

function auditText(audit: ShownRegion["audit"]): string {
  if (audit === null) return "none";
  const found = audit.problem ?? (audit.differences === 1 ? "1 difference" : `${audit.differences} differences`);
  return audit.ended_at === null ? found : `${found}, ${ageOf(audit.ended_at)} ago`;
}
