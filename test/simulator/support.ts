import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Agent, request } from "undici";
import { programArguments } from "../support/programs.ts";

export const project = "region-1";
export const alias = "cloudnexus/debian-12";

const seeds = ["--project", project, "--network", "br0=10.88.0.1/24", "--pool", "cloudnexus", "--image", alias];

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Json;
}

/** JSON as tests read it: every step may be missing, and what a value is is for the expectation to say. */
export interface Json {
  readonly [key: string]: Json | undefined;
}

export function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new Error(`no text: ${JSON.stringify(value)}`);
  return value;
}

export function list(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error(`no list: ${JSON.stringify(value)}`);
  return value as Json[];
}

export interface Folder {
  socket: string;
  state: string;
  remove(): void;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), "sim-"));
  return {
    socket: join(path, "s.sock"),
    state: join(path, "state.jsonl"),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface Exit {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the simulator's process; `ready` rejects with what it said if it ends before. */
export function launch(
  folder: Folder,
  options: string[] = [],
): { child: ChildProcess; ready: Promise<void>; exit: Promise<Exit> } {
  const program = programArguments("simulator/main.ts");
  const args = [...program, "--socket", folder.socket, "--state", folder.state, ...seeds, ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exit = new Promise<Exit>((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes("simulator ready\n")) resolve();
    });
    void exit.then((ended) => reject(new Error(`the simulator ended with ${ended.code}: ${ended.stderr}`)));
  });
  ready.catch(() => undefined);
  return { child, ready, exit };
}

/** A running simulator with the calls that tests make. */
export class Simulator {
  readonly #process: ReturnType<typeof launch>;
  readonly #agent: Agent;

  private constructor(running: ReturnType<typeof launch>, socket: string) {
    this.#process = running;
    this.#agent = new Agent({ connect: { socketPath: socket } });
  }

  static async start(folder: Folder, options = ["--control", "--speed", "instant"]): Promise<Simulator> {
    const running = launch(folder, options);
    await running.ready;
    return new Simulator(running, folder.socket);
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const payload = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
    const answer = await request(`http://simulator${path}`, {
      method: method as "GET",
      dispatcher: this.#agent,
      body: payload,
      headers,
    });
    return { status: answer.statusCode, headers: answer.headers, body: (await answer.body.json()) as Json };
  }

  get = (path: string): Promise<Answer> => this.call("GET", path);

  /** Waits for the operation that an answer names; what it says of its end. */
  async ended(answer: Answer): Promise<Json> {
    if (answer.status !== 202) throw new Error(`no operation was started: ${JSON.stringify(answer.body)}`);
    return (await this.get(`${text(answer.body["operation"])}/wait?timeout=20`)).body;
  }

  create = (name: string, draft: Draft = {}): Promise<Answer> => this.call("POST", at(""), instance(name, draft));
  setState = (name: string, action: string, more: object = {}): Promise<Answer> =>
    this.call("PUT", at(`/${name}/state`), { action, ...more });

  async created(name: string, draft: Draft = {}): Promise<void> {
    expectSuccess(await this.ended(await this.create(name, draft)));
  }

  async started(name: string): Promise<void> {
    expectSuccess(await this.ended(await this.setState(name, "start")));
  }

  async fault(rule: object): Promise<string> {
    const answer = await this.call("POST", "/sim/v1/faults", rule);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return text(answer.body["id"]);
  }

  async names(): Promise<string[]> {
    const { body } = await this.get(`${at("")}&recursion=1`);
    return list(body["metadata"]).map((found) => text(found["name"]));
  }

  reset = (): Promise<Answer> => this.call("POST", "/sim/v1/reset");

  /** Ends the process; resolves with its exit. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<Exit> {
    this.#process.child.kill(signal);
    const exit = await this.#process.exit;
    await this.#agent.destroy();
    return exit;
  }
}

export interface Draft {
  ipv4?: string;
  config?: Record<string, unknown>;
  devices?: Record<string, Record<string, string>>;
  source?: Record<string, string>;
}

export function instance(name: string, draft: Draft = {}): object {
  const address = draft.ipv4 === undefined ? {} : { "ipv4.address": draft.ipv4 };
  return {
    name,
    type: "container",
    profiles: [],
    source: draft.source ?? { type: "image", alias },
    config: draft.config ?? { "limits.cpu": "1", "limits.memory": "512MiB" },
    devices: draft.devices ?? { root: root(), eth0: { type: "nic", name: "eth0", network: "br0", ...address } },
  };
}

export const root = (more: Record<string, string> = {}): Record<string, string> => ({
  type: "disk",
  path: "/",
  pool: "cloudnexus",
  size: "10GiB",
  ...more,
});

/** A path under the instances of the test project. */
export const at = (path: string): string => `/1.0/instances${path}?project=${project}`;

function expectSuccess(end: Json): void {
  if (text(end["metadata"]?.["status"] ?? end["type"]) !== "Success")
    throw new Error(`the operation failed: ${JSON.stringify(end)}`);
}

export async function eventually(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await delay(20);
}
