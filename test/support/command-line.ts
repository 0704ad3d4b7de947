import { runCommandLine } from "../../scripts/cli/program.ts";
import type { Surroundings } from "../../scripts/cli/run.ts";

/** How a command line ended, and what it said: results, and what is for people beside them. */
export interface Ran {
  exitCode: number;
  out: string;
  err: string;
}

type Around = Partial<Pick<Surroundings, "isTerminal" | "signal">> & { environment: NodeJS.ProcessEnv };

/** The command line in this process, as a program runs it: without a terminal, if nothing else is said. */
export async function runCli(words: string[], { environment, ...around }: Around): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await runCommandLine(words, {
    environment,
    isTerminal: false,
    print: (text) => out.push(text),
    tell: (text) => err.push(text),
    ...around,
  });
  return { exitCode, out: out.join("\n"), err: err.join("\n") };
}

/** Lines without quotes, typed by the holder of a key. */
export function typist(
  url: string,
  token: string,
): (line: string, around?: Omit<Around, "environment">) => Promise<Ran> {
  const environment = { CLOUDNEXUS_URL: url, CLOUDNEXUS_API_KEY: token };
  return (line, around = {}) => runCli(line.split(" "), { environment, ...around });
}
