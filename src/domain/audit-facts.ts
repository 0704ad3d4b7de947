import type { DatabaseEngine } from "./database.ts";
import type { ResourceError, ResourceKind } from "./resource.ts";
import type { PowerState, ResourceStatus } from "./statuses.ts";

export interface AuditedSize {
  vcpus: number;
  memoryMib: number;
  diskGib: number;
}

/** The row of a living server or database. */
export interface AuditedRow {
  kind: ResourceKind;
  accountId: string;
  region: string;
  status: ResourceStatus;
  powerState: PowerState;
  actionId: string;
  ipv4: string | null;
  size: AuditedSize;
  error: ResourceError | null;
  /** Of a database: what answers there, and to whom. */
  access: { engine: DatabaseEngine; trustedSources: string[] } | null;
  /** Of one that has failed: whether an earlier create had made it, so that what is left may hold what its customer wrote. */
  wasInUse: boolean;
  /** Changes with every change of the row. */
  version: string;
}

/** What our rows say of one id. */
export interface RowFacts {
  id: string;
  /** Null: there never was a resource of this id, or it was deleted. */
  row: AuditedRow | null;
  /** Whether an action runs on it. */
  isBusy: boolean;
  /** What it holds in the pool. */
  address: { region: string; address: string } | null;
  capacity: (AuditedSize & { region: string }) | null;
  hold: { accountId: string; vcpus: number; memoryMib: number } | null;
  hasCredentials: boolean;
  hasCertificate: boolean;
  hasAttachedKeys: boolean;
}

/** What is kept by the id of a server or database, and can be left behind: of a region, and of none. */
export const HOLDINGS_OF_REGION = ["addresses", "capacity"] as const;
export const HOLDINGS_OF_NONE = ["quota_holds", "credentials", "certificates", "ssh_keys"] as const;
export type Holding = (typeof HOLDINGS_OF_REGION)[number] | (typeof HOLDINGS_OF_NONE)[number];

/** The instance of an id. `isLost`: it was made between a backup and its restore, so that it has no row, or another one, without being a leftover. */
interface AuditedInstance {
  kind: ResourceKind;
  accountId: string;
  status: "running" | "stopped" | "other";
  /** Null where its limits are not spelt as we write them. */
  size: AuditedSize | null;
  ipv4: string | null;
  /** Whether its guest is given a data volume. */
  hasVolume: boolean;
  isLost: boolean;
}

/** What a region's infrastructure says of one id. */
export interface InfrastructureFacts {
  instance: AuditedInstance | null;
  /** The account that the volume is tagged with; null: there is none. */
  volume: { accountId: string; isLost: boolean } | null;
  /** What the region's network has for it, as text; null: nothing. */
  accessRules: string | null;
}

export interface ResourceFacts extends RowFacts, InfrastructureFacts {
  /** The rules that its row asks for, as the same text; null: it is no database, or has no address. */
  wantedAccessRules: string | null;
}

export const NO_INFRASTRUCTURE: InfrastructureFacts = { instance: null, volume: null, accessRules: null };

/** Whether two readings of the rows tell of the same, with nothing under way: what was read between them can be compared with them. */
export function isSettled(before: RowFacts, after: RowFacts): boolean {
  if (before.isBusy || after.isBusy) return false;
  return before.row?.version === after.row?.version && before.row?.actionId === after.row?.actionId;
}
