import { type Access, OperatorApi, parseWords } from "./operator-api.ts";
import { UsageError } from "./request.ts";
import { table } from "./table.ts";

/** For the help. */
export const WORKERS_COMMANDS = [
  ["workers list", "Operators: the builds of versioned workers; -o json"],
  ["workers set-current BUILD", "New actions begin on it; --reason TEXT, for these three"],
  ["workers ramp BUILD --percent N", "So many of a hundred new actions do; 0 ends the ramp"],
  ["workers rollback", "Ends a ramp, or goes back to the build that was current before"],
] as const;

interface ShownBuild {
  build_id: string;
  status: string;
  percent: number | null;
  workers: number;
  first_seen_at: string | null;
  last_current_at: string | null;
}

/** Lists the builds of the workers by the operator API, or changes on which of them new actions begin; answers with all builds, as a table or as JSON. Rejects if the API refuses. */
export async function runWorkersCommand(words: string[], access: Access): Promise<string> {
  const { change, isJson } = parse(words);
  const api = new OperatorApi(access);
  const { data } =
    change === null ? await api.call("GET", "/workers") : await api.call("POST", "/workers/actions", change);
  return isJson ? JSON.stringify(data, null, 2) : buildTable(data as ShownBuild[]);
}

function buildTable(builds: ShownBuild[]): string {
  if (builds.length === 0) return "no worker is versioned";
  const rows = builds.map((build) => [
    build.build_id,
    build.percent === null ? build.status : `${build.status} ${build.percent} %`,
    String(build.workers),
    build.first_seen_at ?? "",
    build.last_current_at ?? "",
  ]);
  return table([["BUILD", "STATUS", "WORKERS", "FIRST SEEN", "LAST CURRENT"], ...rows]).join("\n");
}

const TYPES = { list: null, "set-current": "set_current", ramp: "ramp", rollback: "rollback" } as const;

/** The body of the request; null: nothing is to be changed. */
function parse(words: string[]): { change: object | null; isJson: boolean } {
  const { values, positionals, isJson } = parseWords("workers", words, {
    percent: { type: "string" },
    reason: { type: "string" },
  });
  const { percent, reason } = values;
  const [command = "", buildId, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`workers: does not take ${more.join(" ")}`);
  if (!Object.hasOwn(TYPES, command)) throw new UsageError("workers: takes list, set-current, ramp or rollback");
  const type = TYPES[command as keyof typeof TYPES];
  if (type === null) return { change: null, isJson };
  if (reason === undefined) throw new UsageError(`workers ${command} needs --reason`);
  const change = {
    type,
    ...(buildId !== undefined && { build_id: buildId }),
    ...(percent !== undefined && { percent: Number(percent) }),
    reason,
  };
  return { change, isJson };
}
