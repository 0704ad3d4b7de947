import { table } from "./columns.ts";

/** A build of the workers as the operator API shows it. */
export interface ShownBuild {
  build_id: string;
  status: string;
  percent: number | null;
  workers: number;
  first_seen_at: string | null;
  last_current_at: string | null;
}

export function buildTable(builds: ShownBuild[]): string[] {
  if (builds.length === 0) return ["no worker is versioned"];
  const rows = builds.map((build) => [
    build.build_id,
    build.percent === null ? build.status : `${build.status} ${build.percent} %`,
    String(build.workers),
    build.first_seen_at ?? "",
    build.last_current_at ?? "",
  ]);
  return table([["BUILD", "STATUS", "WORKERS", "FIRST SEEN", "LAST CURRENT"], ...rows]);
}
