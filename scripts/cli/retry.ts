import { setTimeout as delay } from "node:timers/promises";
import { FILTER_OPTIONS, filterOf } from "./action-filter.ts";
import { EXIT, type OperatorApi, type Outcome, parseWords } from "./operator-api.ts";
import { UsageError } from "./request.ts";
import { table } from "./table.ts";

interface ShownRetry {
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

const POLL_MS = 500;

/** `actions retry`: asks for it, and follows it to its end unless it is to be left alone. */
export async function runRetry(words: string[], api: OperatorApi, tell: (line: string) => void): Promise<Outcome> {
  const { values, positionals, isJson } = parseWords("actions retry", words, {
    ...FILTER_OPTIONS,
    rate: { type: "string" },
    reason: { type: "string" },
    "dry-run": { type: "boolean" },
    detach: { type: "boolean" },
  });
  const [actionId, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`actions retry does not take ${more.join(" ")}`);
  if (actionId === "") throw new UsageError("actions retry needs an id or a filter");
  const filter = { ...(actionId !== undefined && { action_id: actionId }), ...filterOf(values) };
  if (Object.keys(filter).length === 0) throw new UsageError("actions retry needs an id or a filter");
  const isDry = values["dry-run"] === true;
  const { reason = isDry ? "dry run" : undefined, rate } = values;
  if (reason === undefined) throw new UsageError("actions retry needs --reason");
  const body = { ...filter, ...(typeof rate === "string" && { per_minute: perMinute(rate) }), reason };
  if (isDry) {
    const data = (await api.call("POST", "/retries?dry_run=true", body)).data as { matched: number };
    return {
      text: isJson ? JSON.stringify(data, null, 2) : `${data.matched} would be tried again`,
      exitCode: EXIT.done,
    };
  }
  let retry = (await api.call("POST", "/retries", body)).data as ShownRetry;
  if (!isJson) tell(`${retry.id}: ${retry.matched} matched`);
  const isFollowed = values["detach"] !== true;
  let told = 0;
  while (isFollowed && retry.status === "running") {
    await delay(POLL_MS);
    retry = (await api.call("GET", `/retries/${retry.id}`)).data as ShownRetry;
    const done = retry.started + retry.skipped;
    if (!isJson && done > told) tell(`${done} of ${retry.matched}`);
    told = done;
  }
  if (isFollowed) retry = (await api.call("GET", `/retries/${retry.id}`)).data as ShownRetry;
  const isWhole = !isFollowed || retry.started === retry.matched;
  return {
    text: isJson ? JSON.stringify(retry, null, 2) : retryText(retry),
    exitCode: isWhole ? EXIT.done : EXIT.notAsWished,
  };
}

function retryText({ id, status, started, skipped, items = [] }: ShownRetry): string {
  const left = items
    .filter(({ outcome }) => outcome === "skipped")
    .map((item) => [item.action_id, item.resource.id, item.skipped?.code ?? "", item.skipped?.message ?? ""]);
  const lines = left.length === 0 ? [] : table([["SKIPPED", "RESOURCE", "CODE", "WHY"], ...left]);
  return [...lines, `${id} ${status}: ${started} begun, ${skipped} skipped`].join("\n");
}

/** `30/m` or `2/s`. */
function perMinute(rate: string): number {
  const [, number, unit] = /^(\d{1,4})\/([ms])$/.exec(rate) ?? [];
  if (number === undefined) throw new UsageError("--rate takes so many a minute or second, such as 30/m or 2/s");
  return Number(number) * (unit === "s" ? 60 : 1);
}
