/**
 * The compute port: what the activities ask of a region's infrastructure. One driver implements it (incus/), against a real Incus server or the simulator.
 * Every method is idempotent and keyed by the owner's id; every failure is a `ComputeError`.
 */

import type { DatabaseEngine } from "../domain/database.ts";

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
  /** cloud-init documents, ready to be handed to the guest; null for one that has no cloud-init. */
  userData: string | null;
  networkConfig: string | null;
  /** Where the guest finds the owner's data volume, made before with `createVolume`; null without one. */
  volume: { path: string } | null;
}

/** A volume of its own for data that outlives the instance's root disk. An owner has one at most. */
export interface VolumeSpec {
  owner: Owner;
  sizeGib: number;
}

/** A file inside a guest. It belongs to root. */
export interface GuestFile {
  /** Absolute; its folder exists. */
  path: string;
  content: string;
  /** Permission bits, as in 0o600. */
  mode: number;
}

export type InstanceStatus = "running" | "stopped" | "other";

export interface InstanceView {
  name: string;
  owner: Owner | null;
  status: InstanceStatus;
  ipv4: string | null;
  /** Of the image that its disk was made from; null if Incus does not know it. */
  imageFingerprint: string | null;
  /** Its limits; null where they are not spelt as the driver writes them. */
  size: InstanceSize | null;
}

/** What of a region's infrastructure is an owner's. Those whose tags name another region are not in it. `createdAt`: by the host's clock; null where it does not say. */
export interface Inventory {
  /** `hasVolume`: whether the guest is given a data volume. */
  instances: (InstanceView & { owner: Owner; createdAt: Date | null; hasVolume: boolean })[];
  /** Data volumes. */
  volumes: { owner: Owner; createdAt: Date | null }[];
  /** Whose access rules there are, and what they say: as `accessRulesText` would of the same, as long as they are in force. */
  accessRules: { ownerId: string; text: string }[];
}

/** What a rebuild makes. */
export type NewDisk = Pick<InstanceSpec, "imageFingerprint" | "userData">;

/** The limits of an instance. */
export type InstanceSize = Pick<InstanceSpec, "vcpus" | "memoryMib" | "diskGib">;

export interface ImageView {
  fingerprint: string;
  alias: string;
}

/** An image with a database engine in it, as its properties describe it. */
export interface EngineImageView {
  fingerprint: string;
  engine: string;
  /** As it is asked for: `17`, `9.7`. */
  major: string;
  /** What is installed: `17.6`. */
  version: string;
  /** What really answers: `PostgreSQL`, `FerretDB 1.24.2 on PostgreSQL 17`. */
  implementation: string;
}

/** Who may reach an instance: `sources` (addresses or CIDR blocks, never none), on `port` of `ipv4`, and nobody on its other ports. */
export interface AccessRules {
  ipv4: string;
  port: number;
  sources: string[];
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
  /** Asked right before each change. False: nobody wants it any more; it is left, and the call returns. Without it every change is wanted. */
  isWanted?: () => Promise<boolean>;
}

/** The resumable part of a wait: the infrastructure's id of the operation under way. */
export interface OperationDetails {
  operationId: string;
}

export interface ComputeDriver {
  /** The image behind an alias. Fails with `image_unavailable` if the region lacks it. */
  findImage(alias: string): Promise<ImageView>;
  /** Every image of the region that carries our engine properties. */
  listEngineImages(): Promise<EngineImageView[]>;
  /** Makes the instance, stopped. An instance that is already there is adopted if `owner` owns it, else `instance_conflict`. */
  createInstance(spec: InstanceSpec, wait: WaitContext): Promise<void>;
  /** Starts the instance; already running is success. */
  startInstance(owner: Owner, wait: WaitContext): Promise<void>;
  /** Stops the instance, gracefully for `graceMs`, then by force. Already stopped, gone or foreign is success. */
  stopInstance(owner: Owner, graceMs: number, wait: WaitContext): Promise<void>;
  /** Removes the instance with its disk, stopping it by force if need be. Gone or foreign is success. */
  deleteInstance(owner: Owner, wait: WaitContext): Promise<void>;
  /** Gives the instance other limits, running or not; it has them when this returns. What is on its disk has to fit. */
  resizeInstance(owner: Owner, size: InstanceSize, wait: WaitContext): Promise<void>;
  /** Gives the stopped instance a new disk from the image, and user data for its first boot. What was on the old disk is gone; everything else stays. One that has such a disk and never ran on it keeps it. */
  rebuildInstance(owner: Owner, disk: NewDisk, wait: WaitContext): Promise<void>;
  /** The owner's instance once nothing works on it any more. Fails if it is gone or foreign. */
  lookAtInstance(owner: Owner, wait: WaitContext): Promise<InstanceView>;
  /** The instance under the owner's name, foreign or not; null if there is none. */
  findInstance(owner: Owner): Promise<InstanceView | null>;
  /** Everything in the region's project that carries our tags. */
  listInstances(): Promise<InstanceView[]>;
  /** Everything of the region that carries our tags, at about one moment. Fails where `checkHealth` does. */
  takeInventory(signal: AbortSignal): Promise<Inventory>;
  /** Makes the owner's data volume. One that is already there is adopted if `owner` owns it, else `instance_conflict`. */
  createVolume(spec: VolumeSpec, wait: WaitContext): Promise<void>;
  /** Removes the owner's data volume with what is on it. Gone or foreign is success; fails while an instance uses it. */
  deleteVolume(owner: Owner, wait: WaitContext): Promise<void>;
  /** Writes files into the owner's instance, running or stopped. What was there under these names is replaced. */
  writeFiles(owner: Owner, files: GuestFile[], wait: WaitContext): Promise<void>;
  /** The content of a file of the owner's instance, running or stopped; null if the file is not there. */
  readFile(owner: Owner, path: string, wait: WaitContext): Promise<string | null>;
  /** Lets only the sources reach the owner's instance, on the region's network; replaces the owner's earlier rules. */
  setAccessRules(owner: Owner, rules: AccessRules, wait: WaitContext): Promise<void>;
  /** The rules as an inventory tells them. Asks nobody. */
  accessRulesText(owner: Owner, rules: AccessRules): string;
  /** Takes the owner's rules back; none is success. */
  removeAccessRules(owner: Owner, wait: WaitContext): Promise<void>;
  /** Fails if the endpoint is away, refuses us, or lacks the project, network or pool. */
  checkHealth(): Promise<void>;
  close(): Promise<void>;
}

/** How often and how long a probe tries. */
export interface ProbeWait {
  timeoutMs: number;
  signal: AbortSignal;
  /** Called before each try, from 1, with what came of the one before. */
  onAttempt(attempt: number, before: string | null): void;
}

export type EngineName = DatabaseEngine;

/** Where a database engine answers, and as whom to ask it. */
export interface EngineTarget {
  engine: EngineName;
  /** An IPv4 address, which the server's certificate has to name. */
  host: string;
  port: number;
  user: string;
  password: string;
  /** Null for an engine whose databases have no names. */
  database: string | null;
  /** PEM of the authority that signed the server's certificate. */
  ca: string;
}

/** Reachability, a port of its own: real TCP in production, the simulator's view in the sandbox. */
export interface Probe {
  /** Resolves when an SSH server greets at `ipv4`:22; rejects with `boot_timeout` after `timeoutMs`. */
  waitForSsh(ipv4: string, wait: ProbeWait): Promise<void>;
  /**
   * Resolves when a client, connected over verified TLS, has run a query as the user. Rejects with `boot_timeout` after `timeoutMs`, with
   * `engine_refused` at once where the answer is final: a wrong password, a certificate that is not the region's.
   */
  queryEngine(target: EngineTarget, wait: ProbeWait): Promise<void>;
}
