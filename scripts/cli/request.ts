import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { type Command, type CommandOption, optionName } from "./commands.ts";

/** What is wrong with a command line, in one line. */
export class UsageError extends Error {}

export interface CliRequest {
  method: string;
  /** With the query string. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

/** The request that a command line stands for. Every change has an Idempotency-Key; `--idempotency-key` names one, to repeat a request that was cut off. */
export function toRequest(command: Command, words: string[], apiKey: string | undefined): CliRequest {
  const { values, positionals } = parse(command, words);
  const [id, ...more] = positionals;
  // An empty one, of a variable that is not set: the API would take the path for the list's.
  if (command.hasId && !id) throw new UsageError(`${command.name} needs an id`);
  const unused = command.hasId ? more : positionals;
  if (unused.length > 0) throw new UsageError(`${command.name} does not take ${unused.join(" ")}`);
  if (command.needsKey && !apiKey) throw new UsageError("CLOUDNEXUS_API_KEY is not set");

  const query = new URLSearchParams();
  const body: Record<string, unknown> = {};
  for (const option of command.options) {
    const text = values[optionName(option)];
    if (text === undefined) {
      if (option.required) throw new UsageError(`${command.name} needs --${optionName(option)}`);
    } else if (option.in === "query") query.set(option.field, text);
    else body[option.field] = bodyValue(option, text);
  }
  const hasBody = command.options.some((option) => option.in === "body");
  const queryString = query.toString();
  return {
    method: command.method,
    path: `${command.path.replace("{id}", encodeURIComponent(id ?? ""))}${queryString === "" ? "" : `?${queryString}`}`,
    headers: {
      ...(command.needsKey && { authorization: `Bearer ${apiKey}` }),
      ...(command.method !== "GET" && { "idempotency-key": values["idempotency-key"] ?? randomUUID() }),
      ...(hasBody && { "content-type": "application/json" }),
    },
    body: hasBody ? JSON.stringify(body) : null,
  };
}

function parse(
  command: Command,
  words: string[],
): { values: Record<string, string | undefined>; positionals: string[] } {
  const names = [...command.options.map(optionName), ...(command.method === "GET" ? [] : ["idempotency-key"])];
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({ args: words, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${command.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `a,b` as a list, JSON or `key=value,…` as an object; everything else is text, which the API judges. */
function bodyValue({ type, field }: CommandOption, text: string): unknown {
  if (type === "array") return text === "" ? [] : text.split(",");
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "integer" && text === "null") return null;
  if (type === "integer" && /^-?\d{1,15}$/.test(text)) return Number(text);
  if (type !== "object") return text;
  if (!text.startsWith("{")) return Object.fromEntries(text.split(",").map((pair) => splitAt(pair, field)));
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--${field} is not valid JSON`);
  }
}

function splitAt(pair: string, field: string): [string, string] {
  const separator = pair.indexOf("=");
  if (separator < 0) throw new UsageError(`--${field} takes key=value,… or a JSON object`);
  return [pair.slice(0, separator), pair.slice(separator + 1)];
}
