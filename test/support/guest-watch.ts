import { setTimeout as delay } from "node:timers/promises";
import { tryRun } from "../../scripts/platform/run.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";

/** Arguments and environments of every process, in one line. */
const LOOK = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\n' ' '; echo";
const CONFIGURATION_EVERY_MS = 250;

/** Looks at an instance as an operator might: at its configuration from outside, and at the processes in it. */
export class GuestWatch {
  /** Everything that was there to be seen. */
  readonly configurations = new Set<string>();
  readonly processes = new Set<string>();
  readonly #name: string;
  readonly #project: string;
  #watches = 0;

  constructor(ownerId: string, project: string) {
    this.#name = instanceName(ownerId);
    this.#project = project;
  }

  /** Looks until the work is done, and then once more. The instance may come to be meanwhile. */
  async during<T>(work: Promise<T>): Promise<T> {
    const done = new AbortController();
    const end = `/run/watched-${++this.#watches}`;
    const watched = work.finally(async () => {
      done.abort();
      await this.#execute(`touch ${end}`);
    });
    const [result] = await Promise.all([
      watched,
      this.#watchConfiguration(done.signal),
      this.#watchProcesses(end, done.signal),
    ]);
    return result;
  }

  async #watchConfiguration(done: AbortSignal): Promise<void> {
    for (let isLast = false; !isLast; ) {
      isLast = done.aborted;
      const shown = await tryRun("incus", ["config", "show", "--expanded", this.#name, "--project", this.#project]);
      if (shown !== undefined) this.configurations.add(shown);
      if (!isLast) await delay(CONFIGURATION_EVERY_MS);
    }
  }

  /** The guest's own shell looks, twenty times a second: many a program ends sooner than a command from outside begins. */
  async #watchProcesses(end: string, done: AbortSignal): Promise<void> {
    for (let isLast = false; !isLast; ) {
      isLast = done.aborted;
      const seen = await this.#execute(`while :; do ${LOOK}; [ -e ${end} ] && break; sleep 0.05; done`);
      for (const look of seen?.split("\n") ?? []) this.processes.add(look);
    }
  }

  /** A guest that is not there yet, or is being stopped, answers nothing. */
  async #execute(script: string): Promise<string | undefined> {
    return await tryRun("incus", ["exec", this.#name, "--project", this.#project, "--", "sh", "-c", script]);
  }
}
