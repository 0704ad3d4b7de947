import type { BackgroundProcess } from "./background-process.ts";
import { InterruptedError, interrupt, untilInterrupted } from "./interruption.ts";
import { oneLine } from "./one-line.ts";

const PARENT_CHECK_MS = 500;

/** What one run has started, ended in reverse order. */
export class Processes {
  readonly #stops: { title: string; stop: () => Promise<void> }[] = [];
  readonly #onDeath: (error: Error) => void;
  #isStopping = false;

  constructor(onDeath: (error: Error) => void) {
    this.#onDeath = onDeath;
  }

  /** Registers something to end; the last registered ends first. */
  defer(title: string, stop: () => Promise<void>): void {
    this.#stops.push({ title, stop });
  }

  /** Registers a process that has to live as long as the run. */
  watch(title: string, background: BackgroundProcess): void {
    this.defer(title, background.stop);
    void background.exited.then(() => {
      if (!this.#isStopping) this.#onDeath(new Error(`${title} ended by itself: ${background.lastWords()}`));
    });
  }

  /** What cannot be ended is reported and does not keep the rest alive. */
  async stop(report: (line: string) => void): Promise<void> {
    this.#isStopping = true;
    for (let entry = this.#stops.pop(); entry !== undefined; entry = this.#stops.pop()) {
      const { title, stop } = entry;
      await stop().catch((error: unknown) => report(`${title} could not be stopped: ${oneLine(error)}`));
    }
  }
}

/**
 * Runs `main` until it returns, fails, is interrupted (SIGINT, SIGTERM, SIGHUP) or one of its processes dies; then ends what it
 * started and exits: with main's code, 1 after a failure, 0 after an interrupt, which is how one stops it.
 */
export async function runUntilStopped(main: (processes: Processes) => Promise<number>): Promise<never> {
  const report = (line: string) => process.stderr.write(`${line}\n`);
  let death: Error | undefined;
  const processes = new Processes((error) => {
    death ??= error;
    interrupt();
  });
  // Once is enough: Ctrl-C in a terminal reaches us twice, from the terminal and from npm.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupt());
  endWithNpm();
  void untilInterrupted().then(() => report("stopping ..."));

  let exitCode = 0;
  try {
    exitCode = await main(processes);
    if (death) throw death;
  } catch (error) {
    // After an interruption whatever main was doing fails: that is no news.
    const cause = death ?? (isInterruption(error) ? undefined : error);
    if (cause !== undefined) {
      report(`cloudnexus: ${oneLine(cause)}`);
      exitCode = 1;
    }
  }
  await processes.stop(report);
  process.exit(exitCode);
}

/** npm hands signals to a shell between it and us, which dies of them without a word to us. */
function endWithNpm(): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) interrupt();
  }, PARENT_CHECK_MS).unref();
}

function isInterruption(error: unknown): boolean {
  return error instanceof InterruptedError || (error instanceof Error && error.cause instanceof InterruptedError);
}
