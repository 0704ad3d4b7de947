import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { ApiClient } from "./api-client.ts";
import { serveCommands } from "./command-server.ts";
import { createOperator, type Operator } from "./operator.ts";
import { spawnProcess, type TestProcess } from "./processes.ts";
import { blocksOf, readRunbook } from "./runbooks.ts";
import { runInShell } from "./shell.ts";
import { createWorld, type World } from "./world.ts";

/** What the variables of a runbook stand for. */
export type Names = Partial<Record<"ACTION" | "RESOURCE" | "REGION" | "ACCOUNT" | "REQUEST" | "CODE", string>>;

/** An installation as an operator finds it: API and worker processes with their logs and metrics, and a shell as the runbooks want it. */
export interface RunbookStage {
  world: World;
  operator: Operator;
  /** Of the API process. */
  api: ApiClient;
  accountId: string;
  startWorker(): Promise<void>;
  killWorker(): Promise<void>;
  /** Runs a block as it stands in the runbooks; answers what it says. */
  run(script: string, names: Names): Promise<string>;
  close(): Promise<void>;
}

export async function openRunbookStage(): Promise<RunbookStage> {
  const world = await createWorld({ addresses: 12 });
  const [port, apiMetrics, workerMetrics] = [await freePort(), await freePort(), await freePort()];
  const environment = { ...world.environment, LOG_LEVEL: "info" };
  const apiProcess = await spawnProcess("src/server.ts", "api ready", {
    ...environment,
    ...{ PORT: String(port), METRICS_PORT: String(apiMetrics) },
  });
  const workers: TestProcess[] = [];
  const api = new ApiClient(`http://127.0.0.1:${port}`, world.environment["CLOUDNEXUS_BOOTSTRAP_API_KEY"] ?? "");
  const operator = await createOperator({ config: world.config, api });
  const account = (await api.get("/v1/account")).body.data;
  const logs = join(world.config.dataDir, "logs");
  mkdirSync(logs);
  const values = {
    CLOUDNEXUS_URL: api.address,
    CLOUDNEXUS_API_KEY: operator.token,
    API_METRICS: `http://127.0.0.1:${apiMetrics}/metrics`,
    WORKER_METRICS: `http://127.0.0.1:${workerMetrics}/metrics`,
    LOGS: logs,
    TEMPORAL_ADDRESS: world.config.temporal.address,
    TEMPORAL_NAMESPACE: world.config.temporal.namespace,
  };
  const commands = await serveCommands(join(world.config.dataDir, "commands.sock"), {
    ...world.environment,
    ...values,
  });
  const shell = withValues(
    blocksOf(readRunbook("README.md")).find(({ kind }) => kind === "setup")?.script ?? "",
    values,
  );
  const setup = shell.replace(/^cloudnexus\(\).*$/m, commands.shellFunction);
  expect(setup).not.toBe(shell);

  const stage: RunbookStage = {
    world,
    operator,
    api,
    accountId: account.id,
    async startWorker() {
      workers.push(
        await spawnProcess("src/worker.ts", "worker ready", { ...environment, METRICS_PORT: String(workerMetrics) }),
      );
      await world.enginesOffered();
    },
    async killWorker() {
      await workers.at(-1)?.kill("SIGKILL");
    },
    async run(script, names) {
      writeFileSync(join(logs, "api.log"), apiProcess.output());
      writeFileSync(join(logs, "worker.log"), workers.map((worker) => worker.output()).join(""));
      const given = Object.entries(names).map(([name, value]) => `${name}=${value}`);
      const environment = { PATH: process.env["PATH"], HOME: homedir(), ...world.environment };
      return (await runInShell([setup, ...given, script].join("\n"), environment)).text;
    },
    async close() {
      await commands.close();
      for (const running of [...workers, apiProcess]) await running.kill("SIGTERM");
      await world.close();
    },
  };
  await stage.startWorker();
  return stage;
}

/** The shell of the runbooks, for this installation: each setting is in the block, and is given its value. */
function withValues(setup: string, values: Record<string, string>): string {
  return Object.entries(values).reduce((script, [name, value]) => {
    const assignment = new RegExp(`\\b${name}=\\S+`);
    expect(script).toMatch(assignment);
    return script.replace(assignment, `${name}=${value}`);
  }, setup);
}
