import { type EngineChange, handleRequest } from "./agent-requests.ts";
import { isObject, type JsonObject } from "./body.ts";
import { engineOf } from "./engine-images.ts";
import type { FaultRule, Faults } from "./faults.ts";
import { pass, type Speed } from "./speed.ts";
import { type Change, type FileRecord, fileKey, type InstanceRecord, instanceKey, type State } from "./state.ts";

const requests = "/var/lib/cloudnexus/requests/";
const results = "/var/lib/cloudnexus/results/";

/**
 * The agent that engine images have inside. It takes the requests of a running guest one at a time, in the order of their names, each exactly once: the
 * result and the end of the request are one commit. A guest that stops meanwhile finds its request there at its next start.
 */
export class Agent {
  readonly #state: State;
  readonly #speed: Speed;
  readonly #faults: Faults;
  readonly #busy = new Set<string>();

  constructor(state: State, speed: Speed, faults: Faults) {
    this.#state = state;
    this.#speed = speed;
    this.#faults = faults;
  }

  /** To be called whenever a guest started or got a file. */
  wake(key: string): void {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    this.#work(key)
      .catch((error: unknown) => process.stderr.write(`simulator: agent of ${key}: ${String(error)}\n`))
      .finally(() => this.#busy.delete(key));
  }

  /** For what was under way when an earlier simulator ended. */
  wakeAll(): void {
    for (const key of this.#state.instances.keys()) this.wake(key);
  }

  async #work(key: string): Promise<void> {
    for (;;) {
      // The answer to the request that woke us leaves first.
      await new Promise((resolve) => setImmediate(resolve));
      const instance = this.#running(key);
      const request = instance && this.#nextRequest(instance);
      if (!instance || !request) return;
      await pass(Math.max(0, (instance.bootedAtMs ?? 0) - Date.now()));
      await this.#handle(instance, request);
    }
  }

  async #handle(instance: InstanceRecord, request: FileRecord): Promise<void> {
    const resultPath = results + request.path.slice(requests.length);
    if (isEnd(this.#state.files.get(fileKey(instance.project, instance.name, resultPath)))) {
      this.#state.commit(gone(request));
      return;
    }
    const body = parsed(request.content);
    const kind = typeof body["kind"] === "string" ? body["kind"] : "";
    const { project, name } = instance;
    const fault = this.#faults.take({
      source: "agent",
      method: "AGENT",
      path: `/agent/${name}`,
      project,
      action: kind,
      startsOperation: false,
    });
    if (!this.#isUp(instance)) return;
    this.#state.commit(result(request, resultPath, { status: "running", step: "configure engine" }));
    await pass(this.#speed.agentMs);
    if (fault?.kind === "agent_holds") await this.#faults.hold(fault, new AbortController().signal);
    if (!this.#isUp(instance)) return;
    const end = fault?.kind === "agent_fails" ? failed(fault) : this.#changed(instance, body);
    this.#state.commit(result(request, resultPath, end.result), gone(request), ...end.changes);
  }

  #changed(instance: InstanceRecord, body: JsonObject): { result: object; changes: Change[] } {
    const key = instanceKey(instance.project, instance.name);
    const installed = engineOf(this.#state, instance) ?? { engine: "", major: "", version: "" };
    const hasDataVolume = Object.values(instance.devices).some((device) => device["path"] === "/data");
    const guest = { project: instance.project, instance: instance.name, hasDataVolume, ...installed };
    const change: EngineChange = handleRequest(guest, this.#state.engines.get(key) ?? null, body);
    if ("code" in change) return { result: { status: "failed", step: "configure engine", ...change }, changes: [] };
    return {
      result: { status: "succeeded", step: "configure engine", data: change.data },
      changes: [["engines", key, change.engine]],
    };
  }

  #running(key: string): InstanceRecord | null {
    const instance = this.#state.instances.get(key);
    if (instance?.status !== "Running" || engineOf(this.#state, instance) === null) return null;
    return instance;
  }

  /** Whether it is still the same boot of the same guest. */
  #isUp(instance: InstanceRecord): boolean {
    const now = this.#running(instanceKey(instance.project, instance.name));
    return (
      now?.startedAtMs === instance.startedAtMs && now.config["volatile.uuid"] === instance.config["volatile.uuid"]
    );
  }

  #nextRequest(instance: InstanceRecord): FileRecord | null {
    const waiting = this.#state
      .filesOf(instance.project, instance.name)
      .filter(({ path }) => path.startsWith(requests) && path.endsWith(".json"));
    return waiting.toSorted((a, b) => (a.path < b.path ? -1 : 1))[0] ?? null;
  }
}

function result(request: FileRecord, path: string, content: object): Change {
  const { project, instance } = request;
  const whole = { status: "failed", step: "", code: null, message: null, data: {}, ...content };
  const file = { project, instance, path, content: `${JSON.stringify(whole)}\n`, mode: "0600", uid: "0", gid: "0" };
  return ["files", fileKey(project, instance, path), file];
}

function gone({ project, instance, path }: FileRecord): Change {
  return ["files", fileKey(project, instance, path), null];
}

function failed(fault: FaultRule): { result: object; changes: Change[] } {
  const why = { code: "simulated_failure", message: fault.message };
  return { result: { status: "failed", step: "configure engine", ...why }, changes: [] };
}

function isEnd(file: FileRecord | undefined): boolean {
  const status = file === undefined ? undefined : parsed(file.content)["status"];
  return status === "succeeded" || status === "failed";
}

/** An object without anything for what is no JSON object. */
function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
