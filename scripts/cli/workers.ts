import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { columns } from "./columns.ts";
import { UsageError } from "./request.ts";

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
export async function runWorkersCommand(
  words: string[],
  { url, apiKey }: { url: string; apiKey: string | undefined },
): Promise<string> {
  const { change, isJson } = parse(words);
  if (!apiKey) throw new UsageError("CLOUDNEXUS_API_KEY is not set; it takes a key with the scope operator");
  const path = `${url}/v1/operator/workers`;
  const authorization = `Bearer ${apiKey}`;
  const headers = { authorization, "content-type": "application/json", "idempotency-key": randomUUID() };
  const response =
    change === null
      ? await fetch(path, { headers: { authorization } })
      : await fetch(`${path}/actions`, { method: "POST", headers, body: JSON.stringify(change) });
  const { data, error } = (await response.json()) as { data: ShownBuild[]; error?: ShownError };
  if (!response.ok) throw new Error(refusal(error) ?? `answered ${response.status}`);
  return isJson ? JSON.stringify(data, null, 2) : table(data);
}

interface ShownError {
  code: string;
  message: string;
  details: { field: string; issue: string }[];
}

function refusal(error: ShownError | undefined): string | undefined {
  if (!error) return undefined;
  return [`${error.code}: ${error.message}`, ...error.details.map(({ field, issue }) => `${field} ${issue}`)].join(
    "\n",
  );
}

function table(builds: ShownBuild[]): string {
  if (builds.length === 0) return "no worker is versioned";
  const rows = builds.map((build) => [
    build.build_id,
    build.percent === null ? build.status : `${build.status} ${build.percent} %`,
    String(build.workers),
    build.first_seen_at ?? "",
    build.last_current_at ?? "",
  ]);
  return columns([["BUILD", "STATUS", "WORKERS", "FIRST SEEN", "LAST CURRENT"], ...rows]).join("\n");
}

/** The body of the request; null: nothing is to be changed. */
function parse(words: string[]): { change: object | null; isJson: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        percent: { type: "string" },
        reason: { type: "string" },
        output: { type: "string", short: "o", default: "table" },
      },
    });
    const { percent, reason, output } = values;
    if (output !== "table" && output !== "json") throw new Error("-o takes table or json");
    const [command, buildId, ...more] = positionals;
    if (more.length > 0) throw new Error(`does not take ${more.join(" ")}`);
    const type = { list: null, "set-current": "set_current", ramp: "ramp", rollback: "rollback" }[command ?? ""];
    if (type === undefined) throw new Error("takes list, set-current, ramp or rollback");
    const change =
      type === null
        ? null
        : {
            type,
            ...(buildId !== undefined && { build_id: buildId }),
            ...(percent !== undefined && { percent: Number(percent) }),
            ...(reason !== undefined && { reason }),
          };
    return { change, isJson: output === "json" };
  } catch (error) {
    throw new UsageError(`workers: ${error instanceof Error ? error.message : String(error)}`);
  }
}
