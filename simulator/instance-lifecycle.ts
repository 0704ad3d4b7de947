import { randomBytes, randomUUID } from "node:crypto";
import { InstanceLocks } from "./instance-locks.ts";
import { checkConfig, checkDevices, checkStartConflicts, nicsOf } from "./instance-rules.ts";
import { cpuCount } from "./sizes.ts";
import { pass, type Speed } from "./speed.ts";
import {
  type Change,
  type Devices,
  fileKey,
  type InstanceRecord,
  instanceKey,
  type State,
  type StringMap,
  type VolumeRecord,
  volumeKey,
} from "./state.ts";
import { ApiError } from "./wire.ts";

const templatesDue = "volatile.apply_template";
const lastPower = "volatile.last_state.power";

interface InstanceDraft {
  project: string;
  name: string;
  description: string;
  config: StringMap;
  devices: Devices;
  profiles: string[];
  ephemeral: boolean;
  fingerprint: string;
}

/** What operations do to instances: the effects, their order, and what excludes what. */
export class InstanceLifecycle {
  readonly #state: State;
  readonly #speed: Speed;
  readonly #onStart: (key: string) => void;
  readonly #locks = new InstanceLocks();

  constructor(state: State, speed: Speed, onStart: (key: string) => void) {
    this.#state = state;
    this.#speed = speed;
    this.#onStart = onStart;
  }

  async create(draft: InstanceDraft): Promise<void> {
    const key = instanceKey(draft.project, draft.name);
    const release = this.#locks.acquire(key, "create", "Failed creating instance record: ");
    try {
      const instance = this.#record(draft);
      this.#state.showUnfinished(instance);
      await pass(this.#speed.createMs);
      this.#commitNew(instance);
    } finally {
      release();
    }
  }

  /** Puts an instance there without an operation, running or not. */
  plant(draft: InstanceDraft, running: boolean): void {
    const instance = this.#record(draft);
    this.#state.showUnfinished(instance);
    this.#commitNew(running ? this.#started(instance) : instance);
  }

  async start(project: string, name: string): Promise<void> {
    const key = instanceKey(project, name);
    if (this.#get(key).status !== "Stopped") throw new ApiError(500, "The instance is already running");
    await this.#locks.runOnce(key, "start", async () => {
      checkStartConflicts(this.#state, this.#get(key));
      await pass(this.#speed.startMs);
      this.#state.commit(["instances", key, this.#started(this.#get(key))]);
      this.#onStart(key);
    });
  }

  async stop(project: string, name: string, force: boolean): Promise<void> {
    const key = instanceKey(project, name);
    if (this.#get(key).status === "Stopped") throw new ApiError(400, "The instance is already stopped");
    await this.#locks.runOnce(key, "stop", () => this.#stopNow(key, force));
  }

  async restart(project: string, name: string, force: boolean): Promise<void> {
    const key = instanceKey(project, name);
    if (this.#get(key).status === "Stopped") throw new ApiError(400, "The instance is already stopped");
    await this.#locks.runOnce(key, "restart", async () => {
      await this.#stopNow(key, force);
      await pass(this.#speed.startMs);
      this.#state.commit(["instances", key, this.#started(this.#get(key))]);
      this.#onStart(key);
      this.#onStart(key);
    });
  }

  freeze(project: string, name: string): void {
    const instance = this.#get(instanceKey(project, name));
    if (instance.status === "Stopped") throw new ApiError(500, "The instance isn't running");
    if (instance.status === "Frozen") throw new ApiError(500, "The container is already frozen");
    this.#state.commit(["instances", instanceKey(project, name), { ...instance, status: "Frozen" }]);
  }

  unfreeze(project: string, name: string): void {
    const instance = this.#get(instanceKey(project, name));
    if (instance.status === "Stopped") throw new ApiError(500, "The container isn't running");
    if (instance.status === "Running") throw new ApiError(500, "The container is already running");
    this.#state.commit(["instances", instanceKey(project, name), { ...instance, status: "Running" }]);
    this.#onStart(instanceKey(project, name));
  }

  /** A new disk: what was written into the guest is gone. The configuration stays, and the templates are due again. */
  async rebuild(project: string, name: string, fingerprint: string): Promise<void> {
    const key = instanceKey(project, name);
    await pass(this.#speed.createMs);
    const instance = this.#get(key);
    const config = { ...instance.config, "volatile.base_image": fingerprint, [templatesDue]: "create" };
    this.#state.commit(
      ["instances", key, { ...instance, config }],
      ["engines", key, null],
      ...filesGone(this.#state, instance),
    );
  }

  async delete(project: string, name: string): Promise<void> {
    const key = instanceKey(project, name);
    const release = await this.#locks.acquireForDelete(key);
    try {
      if (this.#get(key).status !== "Stopped") throw new ApiError(400, "Instance is running");
      await pass(this.#speed.deleteMs);
      const instance = this.#get(key);
      this.#state.commit(
        ["instances", key, null],
        ["volumes", volumeKey(rootVolume(instance)), null],
        ["engines", key, null],
        ...filesGone(this.#state, instance),
      );
    } finally {
      release();
    }
  }

  /** Replaces the writable parts. Volatile keys belong to the server and stay. */
  update(
    project: string,
    name: string,
    change: Pick<InstanceDraft, "description" | "config" | "devices" | "profiles" | "ephemeral">,
  ): void {
    const key = instanceKey(project, name);
    const instance = this.#get(key);
    if (this.#locks.holder(key) === "create") throw new ApiError(500, 'Instance is busy running a "create" operation');
    try {
      checkConfig(change.config);
    } catch (error) {
      throw error instanceof ApiError ? new ApiError(error.status, `Invalid config: ${error.message}`) : error;
    }
    const pool = checkDevices(this.#state, project, change.devices);
    if (pool !== instance.pool)
      throw new ApiError(500, "The storage pool of the root disk can only be changed through move");
    const kept = Object.entries(instance.config).filter(([configKey]) => configKey.startsWith("volatile."));
    const config = withoutEmpty({ ...Object.fromEntries(kept), ...change.config });
    // Incus 6.0.4 shares out the CPUs while a changed limit is on its way to its database, and so every now and then by the old one. Here it always does.
    const isShared = instance.cpus !== null && config["limits.cpu"] !== instance.config["limits.cpu"];
    const cpus = isShared ? cpuCount(instance.config["limits.cpu"]) : instance.cpus;
    this.#state.commit(["instances", key, withHardwareAddresses({ ...instance, ...change, config, cpus })]);
  }

  #record(draft: InstanceDraft): InstanceRecord {
    const prefix = "Failed creating instance record: ";
    let pool: string;
    try {
      checkConfig(draft.config);
      if (this.#state.instances.has(instanceKey(draft.project, draft.name))) {
        const why = "UNIQUE constraint failed: instances.project_id, instances.name";
        throw new ApiError(500, `Add instance info to the database: Failed to create "instances" entry: ${why}`);
      }
      pool = this.#poolOf(draft);
    } catch (error) {
      throw error instanceof ApiError ? new ApiError(error.status, prefix + error.message) : error;
    }
    const { fingerprint, ...parts } = draft;
    const uuid = randomUUID();
    const config = {
      ...withoutEmpty(draft.config),
      "volatile.base_image": fingerprint,
      "volatile.cloud-init.instance-id": randomUUID(),
      "volatile.uuid": uuid,
      "volatile.uuid.generation": uuid,
    };
    const createdAt = new Date().toISOString();
    return withHardwareAddresses({
      ...parts,
      config,
      pool,
      status: "Stopped",
      createdAt,
      startedAtMs: null,
      cpus: null,
      bootedAtMs: null,
    });
  }

  #poolOf({ project, devices }: InstanceDraft): string {
    try {
      return checkDevices(this.#state, project, devices);
    } catch (error) {
      throw error instanceof ApiError
        ? new ApiError(error.status, `Failed initializing instance: ${error.message}`)
        : error;
    }
  }

  /** As the last act of a create Incus notes that templates are due at the first start: without the note, what is there is half a create. */
  #commitNew(unfinished: InstanceRecord): void {
    this.#get(instanceKey(unfinished.project, unfinished.name));
    const isNew = unfinished.config[lastPower] === undefined;
    const config = isNew ? { ...unfinished.config, [templatesDue]: "create" } : unfinished.config;
    const instance = { ...unfinished, config };
    const volume = rootVolume(instance);
    this.#state.commit(
      ["instances", instanceKey(instance.project, instance.name), instance],
      ["volumes", volumeKey(volume), volume],
    );
  }

  async #stopNow(key: string, force: boolean): Promise<void> {
    await pass(force ? 0 : this.#speed.shutdownMs);
    this.#state.commit([
      "instances",
      key,
      { ...withPower(this.#get(key), "STOPPED"), status: "Stopped", startedAtMs: null, bootedAtMs: null, cpus: null },
    ]);
  }

  #started(instance: InstanceRecord): InstanceRecord {
    const nowMs = Date.now();
    return {
      ...withPower(instance, "RUNNING"),
      status: "Running",
      startedAtMs: nowMs,
      bootedAtMs: nowMs + this.#speed.bootMs,
      cpus: cpuCount(instance.config["limits.cpu"]),
    };
  }

  /** The instance as it is now: it may have been taken away while an operation waited. */
  #get(key: string): InstanceRecord {
    const instance = this.#state.instances.get(key);
    if (instance === undefined) throw new ApiError(404, "Instance not found");
    return instance;
  }
}

function withPower(instance: InstanceRecord, power: "RUNNING" | "STOPPED"): InstanceRecord {
  const { [templatesDue]: _applied, ...config } = instance.config;
  return { ...instance, config: { ...config, [lastPower]: power } };
}

function filesGone(state: State, instance: InstanceRecord): Change[] {
  const { project, name } = instance;
  return state.filesOf(project, name).map((file) => ["files", fileKey(project, name, file.path), null]);
}

function rootVolume(instance: InstanceRecord): VolumeRecord {
  const { pool, project, name, createdAt } = instance;
  return { pool, project, type: "container", name, description: "", config: {}, contentType: "filesystem", createdAt };
}

/** Gives every NIC without one a hardware address under the prefix that Incus uses. */
function withHardwareAddresses(instance: InstanceRecord): InstanceRecord {
  const config = { ...instance.config };
  for (const [name] of nicsOf(instance)) {
    config[`volatile.${name}.hwaddr`] ??= [
      "10",
      "66",
      "6a",
      ...(randomBytes(3).toString("hex").match(/../g) ?? []),
    ].join(":");
  }
  return { ...instance, config };
}

function withoutEmpty(config: StringMap): StringMap {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== ""));
}
