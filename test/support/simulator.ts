import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "undici";
import { programArguments } from "./programs.ts";
import { waitUntil } from "./wait.ts";

export interface SimulatorSnapshot {
  instances: { name: string; project: string; status: string; config: Record<string, string> }[];
  volumes: unknown[];
  leases: unknown[];
  /** Rules of the networks' access lists, with the name of the list. */
  access_rules: { acl: string; description: string; source?: string; destination: string }[];
}

export interface FaultRule {
  match: { method?: string; path?: string; project?: string; action?: string; nth?: number };
  kind: string;
  count?: number;
  status?: number;
  message?: string;
  delay_ms?: number;
}

/** A simulator process of the test's own, with the control endpoint open. */
export interface Simulator {
  socket: string;
  snapshot(): Promise<SimulatorSnapshot>;
  addFault(rule: FaultRule): Promise<string>;
  /** Whether a request is held by a `hold_before` or `hold_after` rule right now. */
  isHolding(faultId: string): Promise<boolean>;
  release(faultId: string): Promise<void>;
  /** How often rules have fired that are there. */
  faultHits(): Promise<number>;
  clearFaults(): Promise<void>;
  plantInstance(instance: {
    name: string;
    project: string;
    config?: Record<string, string>;
    ipv4?: string;
  }): Promise<void>;
  /** Takes everything away but what the simulator was started with. */
  reset(): Promise<void>;
  requests(): Promise<{ method: string; path: string; status: number | null }[]>;
  /** Its process is killed, and another one goes on with what the first had stored, after `meanwhile`. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export interface SimulatorOptions {
  socket: string;
  stateFile: string;
  projects: string[];
  networks: string[];
  images: string[];
  /** Whether there is an image of every database engine, too. */
  engineImages?: boolean;
  speed?: "instant" | "sandbox";
}

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  let child = await launch(options);
  const agent = new Agent({ connect: { socketPath: options.socket }, headersTimeout: 0, bodyTimeout: 0 });
  const call = async <T>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T> => {
    const answer = await request(`http://simulator/sim/v1${path}`, {
      method,
      dispatcher: agent,
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });
    const value = (await answer.body.json()) as T & { error?: string };
    if (answer.statusCode >= 400) throw new Error(`simulator ${method} ${path}: ${value.error}`);
    return value;
  };
  return {
    socket: options.socket,
    snapshot: () => call("GET", "/snapshot"),
    addFault: async (rule) => (await call<{ id: string }>("POST", "/faults", rule)).id,
    async isHolding(faultId) {
      const faults = await call<{ id: string; held: unknown }[]>("GET", "/faults");
      return Boolean(faults.find((fault) => fault.id === faultId)?.held);
    },
    release: (faultId) => call("POST", `/faults/${faultId}/release`),
    async faultHits() {
      const faults = await call<{ hits: number }[]>("GET", "/faults");
      return faults.reduce((sum, { hits }) => sum + hits, 0);
    },
    clearFaults: () => call("DELETE", "/faults"),
    plantInstance: (instance) => call("POST", "/planted-instance", instance),
    reset: () => call("POST", "/reset"),
    requests: () => call("GET", "/requests"),
    async restart(meanwhile) {
      await end(child, "SIGKILL");
      await meanwhile?.();
      child = await launch(options);
    },
    async stop() {
      await agent.close();
      await end(child, "SIGTERM");
    },
  };
}

async function launch(options: SimulatorOptions): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...programArguments("simulator/main.ts"), ...simulatorArguments(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await ready(child);
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

function simulatorArguments(options: SimulatorOptions): string[] {
  const list = (flag: string, values: string[]) => values.flatMap((value) => [flag, value]);
  return [
    ...["--socket", options.socket, "--state", options.stateFile, "--control", "--speed", options.speed ?? "instant"],
    ...list("--project", options.projects),
    ...list("--network", options.networks),
    ...["--pool", "cloudnexus"],
    ...list("--image", options.images),
    ...(options.engineImages ? ["--engine-images"] : []),
  ];
}

async function ready(child: ChildProcess): Promise<void> {
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  await waitUntil("the simulator is ready", () => {
    if (child.exitCode !== null) throw new Error("the simulator ended while starting");
    return output.includes("simulator ready");
  });
}
