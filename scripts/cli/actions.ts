import { setTimeout as delay } from "node:timers/promises";
import { FILTER_OPTIONS, filterOf } from "./action-filter.ts";
import { actionLines, actionTable, type ShownAction, stepLine } from "./action-table.ts";
import type { OperatorApi } from "./operator-api.ts";
import { EXIT, type Outcome, onlyId, parseWords } from "./operator-api.ts";
import { UsageError } from "./request.ts";
import { runRetry } from "./retry.ts";

/** For the help. */
export const ACTION_COMMANDS = [
  [
    "actions list",
    "Operators: what all accounts do; --status, --type, --kind, --region, --step, --error-code, --account, --older-than 10m, --younger-than 2h, --limit N",
  ],
  ["actions show ID", "Operators: one of them, with its steps"],
  ["actions watch ID", "Operators: prints its steps as they go, until it has ended"],
  ["actions cancel ID", "Operators: stops a create that is running; --reason TEXT"],
  [
    "actions retry [ID]",
    "Operators: runs failed creates again, one or those of the same options as list; --rate 30/m, --reason TEXT, --dry-run, --detach",
  ],
] as const;

const POLL_MS = 500;

/** Runs one of the commands above. `tell` prints a line at once. Ends with 0; 3: what was watched failed or was cancelled, or not all was tried again. */
export async function runActions(
  [name = "list", ...words]: string[],
  api: OperatorApi,
  tell: (line: string) => void,
): Promise<Outcome> {
  switch (name) {
    case "list":
      return list(words, api);
    case "show":
      return show(words, api);
    case "watch":
      return watch(words, api, tell);
    case "cancel":
      return cancel(words, api);
    case "retry":
      return runRetry(words, api, tell);
    default:
      throw new UsageError(`there is no actions ${name}; help lists the commands`);
  }
}

async function list(words: string[], api: OperatorApi): Promise<Outcome> {
  const text = { type: "string" } as const;
  const own = { status: text, type: text, limit: { type: "string", default: "50" } } as const;
  const { values, positionals, isJson } = parseWords("actions list", words, { ...FILTER_OPTIONS, ...own });
  if (positionals.length > 0) throw new UsageError(`actions list does not take ${positionals.join(" ")}`);
  const query = new URLSearchParams({ per_page: String(values["limit"]) });
  for (const [field, value] of Object.entries(filterOf(values))) query.set(field, String(value));
  for (const field of ["status", "type"]) {
    if (typeof values[field] === "string") query.set(field, values[field]);
  }
  const { data, total } = await api.call("GET", `/actions?${query.toString()}`);
  return {
    text: isJson ? JSON.stringify(data, null, 2) : actionTable(data as ShownAction[], total),
    exitCode: EXIT.done,
  };
}

async function show(words: string[], api: OperatorApi): Promise<Outcome> {
  const { positionals, isJson } = parseWords("actions show", words, {});
  const data = (await api.call("GET", `/actions/${onlyId("actions show", positionals)}`)).data as ShownAction;
  return { text: isJson ? JSON.stringify(data, null, 2) : actionLines(data).join("\n"), exitCode: EXIT.done };
}

async function watch(words: string[], api: OperatorApi, tell: (line: string) => void): Promise<Outcome> {
  const { positionals, isJson } = parseWords("actions watch", words, {});
  const id = onlyId("actions watch", positionals);
  const told = new Set<string>();
  for (;;) {
    const action = (await api.call("GET", `/actions/${id}`)).data as ShownAction;
    const lines = action.steps.flatMap((step) => stepLine(step, action.waits_for) ?? []);
    for (const line of lines.filter((one) => !told.has(one))) {
      told.add(line);
      if (!isJson) tell(line);
    }
    if (action.status !== "running") {
      const text = isJson ? JSON.stringify(action, null, 2) : endOf(action);
      return { text, exitCode: action.status === "succeeded" ? EXIT.done : EXIT.notAsWished };
    }
    await delay(POLL_MS);
  }
}

function endOf({ id, status, error }: ShownAction): string {
  return `${id} ${status}${error ? `: ${error.code}${error.step === null ? "" : ` in ${error.step}`}` : ""}`;
}

async function cancel(words: string[], api: OperatorApi): Promise<Outcome> {
  const { values, positionals, isJson } = parseWords("actions cancel", words, { reason: { type: "string" } });
  const id = onlyId("actions cancel", positionals);
  if (values["reason"] === undefined) throw new UsageError("actions cancel needs --reason");
  const data = (await api.call("POST", `/actions/${id}/cancel`, { reason: values["reason"] })).data as ShownAction;
  return { text: isJson ? JSON.stringify(data, null, 2) : `${id} is asked to cancel`, exitCode: EXIT.done };
}
