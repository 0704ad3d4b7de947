import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { childrenOf } from "./child-processes.ts";
import { waitUntil } from "./wait.ts";

const START_TIMEOUT_MS = 120_000;

/** All of a control plane, as `npm start` has it: API, worker, PostgreSQL and Temporal. Started again on the same data folder it finds its data. */
export class Installation {
  readonly address: string;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.child = child;
    this.address = address;
  }

  static async start(environment: Record<string, string>): Promise<Installation> {
    const file = fileURLToPath(new URL("../../scripts/start.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), file], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
      });
    }
    await waitUntil(
      "everything is up",
      () => {
        if (child.exitCode !== null) throw new Error(output);
        return output.includes("Ctrl-C stops everything");
      },
      START_TIMEOUT_MS,
    );
    return new Installation(child, /^API +(\S+)/m.exec(output)?.[1] ?? "");
  }

  /** All at once, without a chance to put anything in order. */
  async kill(): Promise<void> {
    const pids = childrenOf(this.child.pid ?? 0);
    if (pids.length < 4) throw new Error(`only ${pids.length} processes`);
    this.child.kill("SIGKILL");
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await waitUntil("all of it is gone", () => !pids.some((pid) => existsSync(`/proc/${pid}/exe`)));
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await once(this.child, "exit");
  }
}
