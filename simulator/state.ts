import { Journal, type JournalEntry } from "./journal.ts";

export type StringMap = Record<string, string>;
export type Devices = Record<string, StringMap>;

export interface ProjectRecord {
  name: string;
  description: string;
  config: StringMap;
}

export interface NetworkRecord {
  name: string;
  description: string;
  config: StringMap;
}

export interface PoolRecord {
  name: string;
  description: string;
  driver: string;
  config: StringMap;
}

export interface ImageRecord {
  fingerprint: string;
  project: string;
  aliases: string[];
  properties: StringMap;
  createdAt: string;
}

type PowerStatus = "Running" | "Stopped" | "Frozen";

export interface InstanceRecord {
  project: string;
  name: string;
  description: string;
  config: StringMap;
  devices: Devices;
  profiles: string[];
  ephemeral: boolean;
  pool: string;
  status: PowerStatus;
  createdAt: string;
  /** Milliseconds since the epoch; null while stopped. */
  startedAtMs: number | null;
  /** From when on a guest answers on its address; null while stopped. */
  bootedAtMs: number | null;
  /** The CPUs that the guest has: not always those of its limit (instance-lifecycle.ts); null while stopped. */
  cpus: number | null;
}

export type VolumeType = "container" | "custom";

export interface VolumeRecord {
  pool: string;
  project: string;
  type: VolumeType;
  name: string;
  description: string;
  config: StringMap;
  contentType: string;
  createdAt: string;
}

/** A file that was written into a guest. What an image brings along is not modelled. */
export interface FileRecord {
  project: string;
  instance: string;
  path: string;
  content: string;
  /** Octal digits. */
  mode: string;
  uid: string;
  gid: string;
}

export interface AclRule {
  action: string;
  source: string;
  destination: string;
  protocol: string;
  source_port: string;
  destination_port: string;
  icmp_type: string;
  icmp_code: string;
  description: string;
  state: string;
}

export interface AclRecord {
  project: string;
  name: string;
  description: string;
  config: StringMap;
  ingress: AclRule[];
  egress: AclRule[];
}

/** A database engine as its agent has set it up. */
export interface EngineRecord {
  project: string;
  instance: string;
  engine: string;
  port: number;
  /** Null for an engine whose databases have no names. */
  database: string | null;
  /** Who may log in. The first one outlives an unfinished rotation. */
  accounts: { user: string; password: string }[];
  trustedSources: string[];
  /** PEM. */
  certificate: string;
}

interface Collections {
  projects: ProjectRecord;
  networks: NetworkRecord;
  pools: PoolRecord;
  images: ImageRecord;
  instances: InstanceRecord;
  volumes: VolumeRecord;
  files: FileRecord;
  acls: AclRecord;
  engines: EngineRecord;
}

/** A record set under a key, or taken away with null. */
export type Change = {
  [Name in keyof Collections]: readonly [collection: Name, key: string, value: Collections[Name] | null];
}[keyof Collections];

export const instanceKey = (project: string, name: string): string => `${project}/${name}`;
export const aclKey = (project: string, name: string): string => `${project}/${name}`;
export const fileKey = (project: string, instance: string, path: string): string =>
  `${instanceKey(project, instance)}:${path}`;
export const imageKey = (project: string, fingerprint: string): string => `${project}/${fingerprint}`;
export const volumeKey = (volume: Pick<VolumeRecord, "pool" | "project" | "type" | "name">): string =>
  `${volume.pool}/${volume.project}/${volume.type}/${volume.name}`;

/** Everything that survives this process. Read the maps freely; write through `commit` only. */
export class State {
  readonly projects = new Map<string, ProjectRecord>();
  readonly networks = new Map<string, NetworkRecord>();
  readonly pools = new Map<string, PoolRecord>();
  readonly images = new Map<string, ImageRecord>();
  readonly instances = new Map<string, InstanceRecord>();
  readonly volumes = new Map<string, VolumeRecord>();
  readonly files = new Map<string, FileRecord>();
  readonly acls = new Map<string, AclRecord>();
  readonly engines = new Map<string, EngineRecord>();
  readonly #journal: Journal;

  constructor(file: string) {
    this.#journal = new Journal(file);
    for (const entry of this.#journal.read()) this.#apply(entry as Change);
    this.#journal.openCompacted(this.#alive());
  }

  filesOf(project: string, instance: string): FileRecord[] {
    return [...this.files.values()].filter((file) => file.project === project && file.instance === instance);
  }

  /** Applies all changes, or none if the process dies first. */
  commit(...changes: Change[]): void {
    this.#journal.append(changes);
    for (const change of changes) this.#apply(change);
  }

  /**
   * Shows an instance that is still being made. It is in no journal: a process killed meanwhile comes back without it, as its operation is lost.
   */
  showUnfinished(instance: InstanceRecord): void {
    this.instances.set(instanceKey(instance.project, instance.name), instance);
  }

  close(): void {
    this.#journal.close();
  }

  #apply([collection, key, value]: Change): void {
    const records: Map<string, unknown> = this[collection];
    if (value === null) records.delete(key);
    else records.set(key, value);
  }

  #alive(): JournalEntry[] {
    const names = [
      ...(["projects", "networks", "pools", "images", "instances", "volumes"] as const),
      ...(["files", "acls", "engines"] as const),
    ];
    return names.flatMap((name) => [...this[name]].map(([key, value]): JournalEntry => [name, key, value]));
  }
}
