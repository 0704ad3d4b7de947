import { EXIT, type OperatorApi, type Outcome, onlyId, parseWords } from "./operator-api.ts";
import { UsageError } from "./request.ts";
import { ageOf, table } from "./table.ts";

/** For the help. */
export const HOLD_COMMANDS = [
  ["holds list", "Operators: what is held, and how many actions wait; --all: what was released, too"],
  [
    "holds add",
    "Operators: holds a step, a region, a host or these together; --step, --region, --host, --kind, --reason TEXT",
  ],
  ["holds release ID", "Operators: what waits goes on; --reason TEXT"],
] as const;

interface ShownHold {
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

export async function runHolds([name = "list", ...words]: string[], api: OperatorApi): Promise<Outcome> {
  switch (name) {
    case "list":
      return list(words, api);
    case "add":
      return add(words, api);
    case "release":
      return release(words, api);
    default:
      throw new UsageError(`there is no holds ${name}; help lists the commands`);
  }
}

async function list(words: string[], api: OperatorApi): Promise<Outcome> {
  const { values, positionals, isJson } = parseWords("holds list", words, { all: { type: "boolean" } });
  if (positionals.length > 0) throw new UsageError(`holds list does not take ${positionals.join(" ")}`);
  const data = (await api.call("GET", `/holds?per_page=100&include_released=${values["all"] === true}`))
    .data as ShownHold[];
  return { text: isJson ? JSON.stringify(data, null, 2) : holdTable(data), exitCode: EXIT.done };
}

async function add(words: string[], api: OperatorApi): Promise<Outcome> {
  const text = { type: "string" } as const;
  const options = { region: text, host: text, step: text, kind: text, reason: text } as const;
  const { values, positionals, isJson } = parseWords("holds add", words, options);
  if (positionals.length > 0) throw new UsageError(`holds add does not take ${positionals.join(" ")}`);
  if (values["reason"] === undefined) throw new UsageError("holds add needs --reason");
  const { region, host, step, kind, reason } = values;
  const part = { ...(region && { region }), ...(host && { host }) };
  const body = { ...part, ...(step && { step }), ...(kind && { resource_type: kind }), reason };
  const data = (await api.call("POST", "/holds", body)).data as ShownHold;
  return { text: isJson ? JSON.stringify(data, null, 2) : `${data.id} is in force`, exitCode: EXIT.done };
}

async function release(words: string[], api: OperatorApi): Promise<Outcome> {
  const { values, positionals, isJson } = parseWords("holds release", words, { reason: { type: "string" } });
  const id = onlyId("holds release", positionals);
  const { reason } = values;
  if (typeof reason !== "string") throw new UsageError("holds release needs --reason");
  const query = new URLSearchParams({ reason }).toString();
  const data = (await api.call("DELETE", `/holds/${id}?${query}`)).data as ShownHold;
  return { text: isJson ? JSON.stringify(data, null, 2) : `${id} is released`, exitCode: EXIT.done };
}

function holdTable(holds: ShownHold[]): string {
  if (holds.length === 0) return "nothing is held";
  const rows = holds.map((hold) => [
    ...[hold.id, hold.status, hold.region ?? "*", hold.host ?? "*", hold.step ?? "*", hold.resource_type ?? "*"],
    ...[String(hold.waiting), ageOf(hold.created_at), hold.reason],
  ]);
  return table([["ID", "STATUS", "REGION", "HOST", "STEP", "KIND", "WAITING", "AGE", "REASON"], ...rows]).join("\n");
}
