import { type SpawnOptions, spawn } from "node:child_process";
import { InterruptedError, interruption } from "./interruption.ts";

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Written to the program's standard input; without it the program reads an empty input. */
  input?: string | Buffer;
  /** The program is killed after this long. Default: no limit. */
  timeoutMs?: number;
  /** True: runs although the run is being ended. Everything else is ended with it. */
  isCleanUp?: boolean;
  /** Called with every complete line of standard output and error, for progress displays. */
  onLine?: (line: string) => void;
}

/** A program that could not be started, was stopped, or ended with a non-zero code. `message` fits on one line. */
export class CommandError extends Error {
  readonly command: string;
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string, reason: string) {
    super(`${command}: ${reason}`);
    this.name = "CommandError";
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

const KEPT_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs a program with an argument array (never through a shell) and answers its standard output. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  if (!options.isCleanUp) interruption.throwIfAborted();
  const shown = [program, ...args.slice(0, 3)].join(" ");
  const spawnOptions: SpawnOptions = { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...options.env } };
  if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;

  return await new Promise<string>((resolve, reject) => {
    const child = spawn(program, [...args], spawnOptions);
    const stop = () => child.kill("SIGTERM");
    if (!options.isCleanUp) interruption.addEventListener("abort", stop, { once: true });
    // Not spawn's own limit: where the program is not found, its timer keeps us alive until it has passed.
    const limit = options.timeoutMs === undefined ? undefined : setTimeout(stop, options.timeoutMs);
    const ended = () => {
      clearTimeout(limit);
      interruption.removeEventListener("abort", stop);
    };
    let stdout = "";
    let stderr = "";
    const follow = lineSplitter(options.onLine);
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout = (stdout + chunk).slice(-KEPT_OUTPUT_BYTES);
      follow(chunk);
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      stderr = (stderr + chunk).slice(-KEPT_OUTPUT_BYTES);
      follow(chunk);
    });
    // A program that ends without reading its input closes the pipe; its exit code tells the story.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
    child.once("error", (error: NodeJS.ErrnoException) => {
      ended();
      reject(new CommandError(shown, null, stderr, error.code === "ENOENT" ? "program not found" : error.message));
    });
    child.once("close", (code, signal) => {
      ended();
      if (code === 0) resolve(stdout);
      else if (interruption.aborted && !options.isCleanUp) reject(new InterruptedError());
      else reject(new CommandError(shown, code, stderr, reasonOf(code, signal, stderr || stdout)));
    });
  });
}

/** Like {@link run}, but a failure answers undefined: for questions whose "no" is an exit code. */
export async function tryRun(program: string, args: readonly string[], options?: RunOptions) {
  try {
    return await run(program, args, options);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Splits a stream of chunks into complete lines; empty lines are left out. */
function lineSplitter(onLine: ((line: string) => void) | undefined): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    if (!onLine) return;
    const lines = (rest + chunk).split(/\r?\n|\r/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") onLine(line);
  };
}

function reasonOf(code: number | null, signal: NodeJS.Signals | null, output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.filter((line) => /^(e:|err|error|fatal)|error:|cannot|failed/i.test(line.trim()));
  const last = (telling.at(-1) ?? lines.at(-1) ?? "no output").trim();
  const ended = signal ? `stopped by ${signal}` : `exit code ${code}`;
  return `${last} (${ended})`;
}
