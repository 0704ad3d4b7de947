/**
 * The compute port: what the activities ask of a region's infrastructure. One driver implements it (incus/), against a real Incus server or the simulator.
 * Every method is idempotent and keyed by the owner's id; every failure is a `ComputeError`.
 */

export { ComputeError, type ComputeErrorCode } from "../domain/compute-error.ts";

/** Whom an object of the infrastructure belongs to. Written on it as tags; an object with other tags is foreign and is never touched. */
export interface Owner {
  id: string;
  kind: "server" | "database";
  accountId: string;
  region: string;
}

export interface InstanceSpec {
  owner: Owner;
  imageFingerprint: string;
  ipv4: string;
  vcpus: number;
  memoryMib: number;
  diskGib: number;
  /** cloud-init documents, ready to be handed to the guest. */
  userData: string;
  networkConfig: string;
}

export type InstanceStatus = "running" | "stopped" | "other";

export interface InstanceView {
  name: string;
  owner: Owner | null;
  status: InstanceStatus;
  ipv4: string | null;
}

export interface ImageView {
  fingerprint: string;
  alias: string;
}

/**
 * Hooks of a wait. `heartbeat` is called at least every 2 s, with the details that let another worker resume the wait once there are any (not while the
 * work queues or asks); `resumeFrom` are the details of the last heartbeat of a lost attempt.
 */
export interface WaitContext {
  heartbeat(details?: OperationDetails): void;
  resumeFrom?: OperationDetails | undefined;
  /** Aborted when the activity is cancelled or its worker shuts down. */
  signal: AbortSignal;
}

/** The resumable part of a wait: the infrastructure's id of the operation under way. */
export interface OperationDetails {
  operationId: string;
}

export interface ComputeDriver {
  /** The image behind an alias. Fails with `image_unavailable` if the region lacks it. */
  findImage(alias: string): Promise<ImageView>;
  /** Makes the instance, stopped. An instance that is already there is adopted if `owner` owns it, else `instance_conflict`. */
  createInstance(spec: InstanceSpec, wait: WaitContext): Promise<void>;
  /** Starts the instance; already running is success. */
  startInstance(owner: Owner, wait: WaitContext): Promise<void>;
  /** Stops the instance, gracefully for `graceMs`, then by force. Already stopped, gone or foreign is success. */
  stopInstance(owner: Owner, graceMs: number, wait: WaitContext): Promise<void>;
  /** Removes the instance with its disk, stopping it by force if need be. Gone or foreign is success. */
  deleteInstance(owner: Owner, wait: WaitContext): Promise<void>;
  /** The instance under the owner's name, foreign or not; null if there is none. */
  findInstance(owner: Owner): Promise<InstanceView | null>;
  /** Everything in the region's project that carries our tags. */
  listInstances(): Promise<InstanceView[]>;
  /** Fails if the endpoint is away, refuses us, or lacks the project, network or pool. */
  checkHealth(): Promise<void>;
  close(): Promise<void>;
}

/** Reachability, a port of its own: real TCP in production, the simulator's view in the sandbox. */
export interface Probe {
  /** Resolves when an SSH server greets at `ipv4`:22; rejects with `boot_timeout` after `timeoutMs`. `onAttempt` is called before each try. */
  waitForSsh(
    ipv4: string,
    options: { timeoutMs: number; signal: AbortSignal; onAttempt(attempt: number): void },
  ): Promise<void>;
}
