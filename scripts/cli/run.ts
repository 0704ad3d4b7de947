import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { type Answer, Api } from "./api.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

const DEFAULT_URL = "http://127.0.0.1:8080";

/** What a command line runs in. */
export interface Surroundings {
  /** Says where the API is and with which key; to `account`, what the API itself is configured with. */
  environment: NodeJS.ProcessEnv;
  /** Whether results go to a person's terminal. */
  isTerminal: boolean;
  /** How wide it is. */
  columns?: number;
  /** A line, or several, of the result. */
  print(text: string): void;
  /** A line for people, beside the result. */
  tell(text: string): void;
  /** Ctrl-C. */
  signal?: AbortSignal;
}

type Format = "table" | "json";

/** One run of one command line: where its command asks, where it prints, and how it ends. */
export class Run {
  exitCode: ExitCode = EXIT.done;
  readonly surroundings: Surroundings;
  private command: Command | null = null;
  private readonly jsonInPipes = new Set<Command>();

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
  }

  /** Unasked, this command prints JSON where no terminal is; all others print tables there, too. */
  printsJsonInPipes(command: Command): void {
    this.jsonInPipes.add(command);
  }

  /** This is the command that was typed. */
  begin(command: Command): void {
    this.command = command;
  }

  get isJson(): boolean {
    if (this.command === null) return false;
    const { output } = this.command.optsWithGlobals<{ output?: Format }>();
    const unasked = !this.surroundings.isTerminal && this.jsonInPipes.has(this.command) ? "json" : "table";
    return (output ?? unasked) === "json";
  }

  /** The API; a command line without a key is wrong where the command needs one. */
  api(needsKey = true): Api {
    const { environment, signal } = this.surroundings;
    const apiKey = environment["CLOUDNEXUS_API_KEY"] || undefined;
    if (needsKey && apiKey === undefined) this.refuse("CLOUDNEXUS_API_KEY is not set");
    return new Api({
      url: environment["CLOUDNEXUS_URL"] || DEFAULT_URL,
      apiKey: needsKey ? apiKey : undefined,
      signal,
    });
  }

  /** Ends here: the command line is wrong. */
  refuse(message: string): never {
    this.command?.error(`error: ${message}`);
    throw new Error(message);
  }

  /** The answer as it came, or what the table makes of it. */
  show<Data>({ data, whole }: Answer<Data>, table: (data: Data) => string[]): void {
    this.print(this.isJson ? [json(whole)] : table(data));
  }

  print(lines: string[]): void {
    for (const line of lines) this.surroundings.print(line);
  }

  tell(line: string): void {
    this.surroundings.tell(line);
  }

  async wait(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.surroundings.signal });
  }
}

export function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
