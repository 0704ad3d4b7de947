import { type Command, Option } from "commander";
import type { Answer, ApiRequest } from "./api.ts";
import { printEvents } from "./events.ts";
import { EXIT } from "./exit-codes.ts";
import type { Field, Operation } from "./operations.ts";
import { queryOf } from "./request-fields.ts";
import { json, type Run } from "./run.ts";
import { genericTable } from "./tables/generic.ts";
import { placeholderOf, valueOf } from "./values.ts";
import { id, text } from "./words.ts";

/** How a call is typed where not by its own name. */
interface As<Data> {
  name: string;
  isDefault?: boolean;
  /** What the id is of. */
  id?: string;
  table?: (data: Data) => string[];
}

/** What an option was given; in a box, since commander takes null for nothing. */
interface Typed {
  value: unknown;
}

/** A call of the API as a command of `parent`. */
export function addOperation<Data>(parent: Command, run: Run, operation: Operation, as?: As<Data>): void {
  const command = parent.command(as?.name ?? operation.name, { isDefault: as?.isDefault ?? false });
  command.description(operation.summary);
  run.printsJsonInPipes(command);
  if (operation.hasId) command.argument(`<${as?.id ?? "id"}>`, "its id", id);
  const options = operation.fields.map((field) => ({ field, option: optionOf(field) }));
  for (const { option } of options) command.addOption(option);
  if (operation.method !== "GET")
    command.option("--idempotency-key <text>", "repeats a request that was cut off", text);
  if (as === undefined && operation.example !== null) {
    command.addHelpText("after", `\nExample:\n  $ ${operation.example.replaceAll("\n", "\n  ")}`);
  }
  command.action(() => {
    const typed = command.opts<Record<string, Typed | undefined>>();
    const values = options.flatMap(({ field, option }) => {
      const value = typed[option.attributeName()];
      return value === undefined ? [] : [{ field, ...value }];
    });
    const request = requestOf(operation, command.args[0], values);
    const { idempotencyKey } = command.opts<{ idempotencyKey?: string }>();
    return call({ ...request, ...(idempotencyKey && { idempotencyKey }) }, operation.needsKey, run, as);
  });
}

function optionOf(field: Field): Option {
  const description = `${field.isRequired ? "(required) " : ""}${field.description}`;
  const option = new Option(`--${field.name.replaceAll("_", "-")} <${placeholderOf(field)}>`, description);
  return option.argParser((word): Typed => ({ value: valueOf(field, word) })).makeOptionMandatory(field.isRequired);
}

function requestOf(
  { method, path, hasId, fields }: Operation,
  resource: string | undefined,
  values: (Typed & { field: Field })[],
): ApiRequest {
  const part = (place: Field["in"]) =>
    values.filter(({ field }) => field.in === place).map(({ field, value }): [string, unknown] => [field.name, value]);
  const query = part("query").map(([name, value]): [string, string] => [name, String(value)]);
  const hasBody = fields.some((field) => field.in === "body");
  return {
    method,
    path: `${hasId ? path.replace("{id}", encodeURIComponent(resource ?? "")) : path}${queryOf(Object.fromEntries(query))}`,
    ...(hasBody && { body: Object.fromEntries(part("body")) }),
  };
}

/** Prints what it answers: JSON of the API's envelope or a table, events as they come, everything else as it is. */
async function call<Data>(request: ApiRequest, needsKey: boolean, run: Run, as?: As<Data>): Promise<void> {
  const api = run.api(needsKey);
  const response = await api.send(request);
  const type = response.headers.get("content-type") ?? "";
  if (type.startsWith("text/event-stream")) {
    await printEvents(response, run.surroundings);
    // A stream has no end of its own.
    run.exitCode = EXIT.refused;
  } else if (!type.startsWith("application/json")) {
    run.print([(await response.text()).trimEnd()]);
  } else {
    const answer = await api.answer<Data>(response);
    if (answer.data === undefined) run.print([json(answer.whole)]);
    else run.show(answer, as?.table ?? genericTable);
    if (!run.isJson) tellOfMore(answer, run);
  }
}

function tellOfMore({ data, total }: Answer<unknown>, run: Run): void {
  if (Array.isArray(data) && data.length < total)
    run.tell(`${data.length} of ${total}; --page and --per-page show others`);
}
