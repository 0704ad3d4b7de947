import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Connection } from "@temporalio/client";
import { SEARCH_ATTRIBUTES } from "../../src/domain/search-attributes.ts";
import { type BackgroundProcess, startInBackground } from "./background-process.ts";
import { freePort } from "./ports.ts";
import { consoleProgress, type Progress } from "./progress.ts";
import { findTemporalCli } from "./temporal-cli.ts";

export interface TemporalOptions {
  dataDir: string;
  /** True: nothing is kept, for tests. */
  inMemory?: boolean;
  /** Ports that are asked for; another free one is taken where they are in use. 0: any. */
  port?: number;
  uiPort?: number;
  /** False: no web UI. */
  ui?: boolean;
  namespace?: string;
  /** False: without our search attributes, as a server of somebody else begins. */
  searchAttributes?: boolean;
  progress?: Progress;
  /** True: a Go toolchain may be installed on the system if the CLI has to be built. */
  mayInstallGo?: boolean;
}

export interface RunningTemporal {
  /** host:port of the gRPC service. */
  address: string;
  uiAddress: string | null;
  background: BackgroundProcess;
  stop: () => Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * The development server has one history shard, whose queues are read 20 times a second by default: after a short burst every hop of a workflow costs 45 ms.
 * Its database is opened for one writer with a write-ahead log; without it the concurrent ceiling falls to a third.
 */
const FLAGS = [
  ...["--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"],
  ...["--dynamic-config-value", "history.timerProcessorMaxPollRPS=2000"],
  ...["--dynamic-config-value", "history.visibilityProcessorMaxPollRPS=2000"],
  ...["--log-level", "warn"],
];
/** Added by the worker elsewhere (src/temporal/search-attributes.ts); here they are there before it is. */
const ATTRIBUTE_FLAGS = Object.values(SEARCH_ATTRIBUTES).flatMap((name) => ["--search-attribute", `${name}=Keyword`]);
const FILE_FLAGS = ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"];

/** Starts `temporal server start-dev` and waits until it serves the namespace. */
export async function startTemporalServer(options: TemporalOptions): Promise<RunningTemporal> {
  const program = await findTemporalCli(options.progress ?? consoleProgress(), options.mayInstallGo);
  const namespace = options.namespace ?? "cloudnexus";
  const port = await freePort(options.port);
  const address = `127.0.0.1:${port}`;
  const uiPort = options.ui === false ? null : await freePort(options.uiPort);
  mkdirSync(options.dataDir, { recursive: true });
  const server = await startInBackground({
    title: "the Temporal server",
    program,
    // Like the worker (stack.ts), for which it works. Where one serves all tests of a machine that they fill, it would be starved.
    priority: options.inMemory ? undefined : "below normal",
    args: [
      ...["server", "start-dev", "--ip", "127.0.0.1", "--port", String(port), "--namespace", namespace],
      ...["--http-port", String(await freePort())],
      ...(uiPort === null ? ["--headless"] : ["--ui-port", String(uiPort)]),
      ...(options.inMemory ? [] : ["--db-filename", join(options.dataDir, "temporal.db"), ...FILE_FLAGS]),
      ...FLAGS,
      ...(options.searchAttributes === false ? [] : ATTRIBUTE_FLAGS),
    ],
    logFile: join(options.dataDir, "logs/temporal.log"),
    isReady: () => serves(address, namespace),
    readyTimeoutMs: READY_TIMEOUT_MS,
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  const uiAddress = uiPort === null ? null : `http://127.0.0.1:${uiPort}`;
  return { address, uiAddress, background: server, stop: server.stop };
}

async function serves(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: "1s" });
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
