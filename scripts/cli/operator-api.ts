import { randomUUID } from "node:crypto";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./request.ts";

/** Where the API is, and with which key. */
export interface Access {
  url: string;
  apiKey: string | undefined;
}

/** What a command has to say, and how it ends. */
export interface Outcome {
  text: string;
  exitCode: number;
}

/** How commands of operators end, besides 2 for a command line that is wrong. */
export const EXIT = { done: 0, refused: 1, notAsWished: 3 } as const;

/** The operator API, for commands that say more than the answer. Throws what the API refuses, in one line. */
export class OperatorApi {
  private readonly access: Access;

  constructor(access: Access) {
    if (!access.apiKey) throw new UsageError("CLOUDNEXUS_API_KEY is not set; it takes a key with the scope operator");
    this.access = access;
  }

  async call(
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: object,
  ): Promise<{ data: unknown; total: number }> {
    const response = await fetch(`${this.access.url}/v1/operator${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.access.apiKey}`,
        ...(method !== "GET" && { "idempotency-key": randomUUID() }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Envelope;
    if (!response.ok) throw new Error(refusal(response.status, answer));
    return { data: answer.data, total: answer.meta.pagination?.total ?? 0 };
  }
}

interface Envelope {
  data: unknown;
  meta: { pagination?: { total: number } };
  error?: { code: string; message: string; details?: { field: string; issue: string }[] };
}

function refusal(status: number, { error }: Envelope): string {
  const details = (error?.details ?? []).map(({ field, issue }) => `; ${field} ${issue}`).join("");
  return `${error?.code ?? status}: ${error?.message ?? ""}${details}`;
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The words of a command as options and what is not one. Throws `UsageError`. */
export function parseWords(command: string, words: string[], options: Options) {
  try {
    const all = { ...options, output: { type: "string", short: "o", default: "table" } } satisfies Options;
    const { values, positionals } = parseArgs({ args: words, options: all, allowPositionals: true });
    const { output } = values as { output?: string };
    if (output !== "table" && output !== "json") throw new Error("-o takes table or json");
    return { values: values as Record<string, string | boolean | undefined>, positionals, isJson: output === "json" };
  } catch (error) {
    throw new UsageError(`${command}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The one id that a command takes. An empty one, of a variable that is not set, is none: the API would take it for the list. */
export function onlyId(command: string, [id, ...more]: string[]): string {
  if (!id) throw new UsageError(`${command} needs an id`);
  if (more.length > 0) throw new UsageError(`${command} does not take ${more.join(" ")}`);
  return id;
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90s`, `10m`, `2h`, `7d` in seconds. */
export function seconds(option: string, text: string): number {
  const [, number, unit] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`--${option} takes an age such as 90s, 10m, 2h or 7d`);
  return Number(number) * SECONDS[unit as keyof typeof SECONDS];
}
