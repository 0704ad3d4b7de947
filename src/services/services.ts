import type { Account, AccountStatus } from "../domain/account.ts";
import type { Action } from "../domain/action.ts";
import type { ApiKey, IssuedApiKey } from "../domain/api-key.ts";
import type { Audit, AuditDifference, AuditTotal } from "../domain/audit.ts";
import type { AuditClass } from "../domain/audit-classes.ts";
import type { Image, Plan } from "../domain/catalog.ts";
import type { Database, DatabaseCredentials, DatabaseEngine, DatabaseRequest } from "../domain/database.ts";
import type { AccountEvent, EventPosition, EventType } from "../domain/event.ts";
import type { HeldPart, HoldSeen } from "../domain/hold.ts";
import type { OperatorAction, OperatorActionDetail, OperatorActionFilter } from "../domain/operator-action.ts";
import type { Principal } from "../domain/principal.ts";
import type { Quota, QuotaUsage } from "../domain/quotas.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Retry, RetryFilter, RetryItem } from "../domain/retry.ts";
import type { Server, ServerRequest } from "../domain/server.ts";
import type { SshKey } from "../domain/ssh-key.ts";
import type { ActionStatus, ResourceStatus } from "../domain/statuses.ts";
import type { QueueState } from "../domain/task-queues.ts";
import type { WorkerBuild } from "../domain/worker-fleet.ts";
import type { ActionType } from "../domain/workflow-contracts.ts";
import type { AuditEvent } from "../store/audit-events.ts";

export type { AuditEvent } from "../store/audit-events.ts";

/** What a request brings along besides its input. */
export interface RequestContext {
  principal: Principal;
  requestId: string;
  idempotency: IdempotencyRequest | null;
}

/** An Idempotency-Key with what it was sent for: same key, other route or body → `idempotency_key_reused`. */
export interface IdempotencyRequest {
  key: string;
  /** Method and route pattern with its ids filled in, for example `POST /v1/servers`. */
  route: string;
  /** SHA-256 of the canonical JSON of the body, hex. */
  bodyHash: string;
}

/** The result of a request that may be the repetition of an earlier one. */
export interface Effect<T> {
  value: T;
  replayed: boolean;
}

export interface Page<T> {
  /** Requests that were answered together share them. */
  items: readonly T[];
  page: number;
  perPage: number;
  total: number;
  /** Opaque; null on the last page. */
  nextCursor: string | null;
}

export interface PageRequest {
  page: number;
  perPage: number;
  /** Wins over `page`. An unreadable one is a `validation_failed` on field `cursor`. */
  cursor: string | null;
}

/** Shapes are already validated by the API; what needs the catalogue or the database (plan, region, image, keys) is checked by the service, all at once. */
export interface CreateServerRequest {
  name: string;
  plan: string;
  region: string;
  image: string | null;
  sshKeyIds: string[];
  userData: string | null;
  labels: Record<string, string>;
}

export interface ServerActionRequest {
  type: ServerRequest;
  /** Of a resize. */
  plan: string | null;
  /** Of a rebuild; null: the one it has. */
  image: string | null;
}

/** null: any. */
export interface ServerFilter {
  status: ResourceStatus | null;
  region: string | null;
  name: string | null;
  label: { key: string; value: string } | null;
}

/** As above: whether there is such a plan, region and version is checked by the service. */
export interface CreateDatabaseRequest {
  name: string;
  engine: DatabaseEngine;
  /** `17` or `15.4`; null: the newest. */
  version: string | null;
  plan: string;
  region: string;
  /** CIDR blocks, each with the address of its network; none: the region's network. */
  trustedSources: string[];
  labels: Record<string, string>;
}

/** What is not there stays as it is. */
export interface DescribeRequest {
  name?: string;
  labels?: Record<string, string>;
}

export interface UpdateDatabaseRequest extends DescribeRequest {
  trustedSources?: string[];
}

export interface DatabaseFilter extends ServerFilter {
  engine: DatabaseEngine | null;
}

/** An engine that can be ordered, and where. */
export interface DatabaseEngineView {
  engine: DatabaseEngine;
  version: string;
  implementation: string;
  regions: string[];
}

/** A region as it is at the moment. */
export interface RegionOffer {
  slug: string;
  name: string;
  hasFreeAddress: boolean;
  /** Slugs of the server images that it has. */
  images: string[];
  /** Null where it does not have it. */
  defaultImage: string | null;
  engines: { engine: DatabaseEngine; version: string }[];
  /** Slugs of the plans that it has room for. */
  plans: string[];
}

export interface PlanOffer extends Plan {
  /** Those with room for one more. */
  regions: string[];
}

export interface ImageOffer extends Image {
  regions: string[];
  defaultIn: string[];
}

/** What a create would make. */
export interface ServerPreview {
  name: string;
  plan: Plan;
  region: string;
  image: string;
  sshKeyIds: string[];
  labels: Record<string, string>;
}

export interface DatabasePreview {
  name: string;
  plan: Plan;
  region: string;
  engine: DatabaseEngine;
  version: string;
  implementation: string;
  trustedSources: string[];
  labels: Record<string, string>;
}

/** null: any. */
export interface ActionFilter {
  status: ActionStatus | null;
  type: ActionType | null;
  resourceKind: ResourceKind | null;
  resourceId: string | null;
}

/** null: any. */
export interface EventsRequest {
  /** Of the last event that was received, or of the beginning of a stream; null: from now on. */
  lastEventId: string | null;
  type: EventType | null;
  resourceId: string | null;
}

/** `reset`: events may have been missed. `heartbeat`: nothing happened for a while; the position has gone on past what the stream does not show. */
export type StreamedEvent =
  | { kind: "ready" | "reset" | "heartbeat"; position: EventPosition }
  | { kind: "event"; event: AccountEvent };

export interface AccountView extends Account {
  quotas: QuotaUsage;
}

export interface CreateSshKeyRequest {
  name: string;
  publicKey: string;
}

export interface CreateApiKeyRequest {
  name: string;
  scopes: string[];
  expiresAt: Date | null;
}

/** null: all. */
export interface CreateAuditRequest {
  /** Whether what differs is to be repaired. */
  repair: boolean;
  /** Also what was made between a backup and its restore. */
  deleteLost: boolean;
  regions: string[] | null;
  classes: AuditClass[] | null;
  /** Null only where nothing is repaired. */
  reason: string | null;
}

export interface CreateRetryRequest {
  filter: RetryFilter;
  perMinute: number;
  reason: string;
}

/** At least one of its parts is named. */
export interface CreateHoldRequest extends HeldPart {
  reason: string;
}

export interface WorkerChangeRequest {
  type: "set_current" | "ramp" | "rollback";
  /** Empty for a rollback. */
  buildId: string;
  /** Of a ramp. */
  percent: number | null;
  reason: string;
}

/** An account as operators see it. */
export interface AccountDetail extends AccountView {
  /** null: the installation's limit. */
  ownLimits: Record<Quota, number | null>;
}

export interface NewAccount {
  account: Account;
  /** Of its first key; null in the answer to a repetition. */
  token: string | null;
}

export interface IssueAccountKeyRequest extends CreateApiKeyRequest {
  reason: string;
}

interface Amounts {
  vcpus: number;
  memoryMib: number;
  diskGib: number;
}

/** A region as operators look at it. */
export interface RegionState {
  slug: string;
  name: string;
  /** That the region is on. */
  host: string;
  /** What it may promise; null: without a limit. */
  limit: Amounts | null;
  promised: Amounts;
  addresses: { offered: number; held: number; free: number };
  /** Those that ask for its work; null: Temporal does not tell. */
  workers: number | null;
  /** What the latest audit came to; null: none has looked. */
  audit: (AuditTotal & { id: string; endedAt: Date | null }) | null;
}

/** Every use-case the API offers. All throw `DomainError`. Another account's id is `not_found`. */
export interface Services {
  /** `beforeLookUp` runs before the database is asked about a key that was not known as good, and may refuse it by throwing. */
  authenticate(token: string, beforeLookUp?: () => Promise<void>): Promise<Principal>;

  /** Wrong plan, region, image or key ids are thrown together as `validation_failed`. */
  createServer(request: CreateServerRequest, context: RequestContext): Promise<Effect<Server>>;
  /** The catalogue and database part of the validation alone: returns the details instead of throwing. Used to report all fields at once. */
  validateServerReferences(
    request: Partial<Pick<CreateServerRequest, "plan" | "region" | "image" | "sshKeyIds">>,
    principal: Principal,
  ): Promise<{ field: string; issue: string }[]>;
  /** Refuses what the create would refuse, and a region without capacity, which a create learns of later. Nothing is made or written. */
  previewServer(request: CreateServerRequest, principal: Principal): Promise<ServerPreview>;
  listServers(filter: ServerFilter, page: PageRequest, principal: Principal): Promise<Page<Server>>;
  getServer(id: string, principal: Principal): Promise<Server>;
  /** `name_taken` if another living server has the name. */
  updateServer(id: string, request: DescribeRequest, context: RequestContext): Promise<Effect<Server>>;
  deleteServer(id: string, context: RequestContext): Promise<Effect<Action>>;
  /** `resource_busy` while another action runs, `invalid_status` where the status does not allow it, `validation_failed` for a plan or image that the server can't have. */
  actOnServer(id: string, request: ServerActionRequest, context: RequestContext): Promise<Effect<Action>>;

  /** Wrong plan, region, engine or version are thrown together as `validation_failed`. */
  createDatabase(request: CreateDatabaseRequest, context: RequestContext): Promise<Effect<Database>>;
  validateDatabaseReferences(
    request: Partial<Pick<CreateDatabaseRequest, "plan" | "region" | "engine" | "version">>,
  ): Promise<{ field: string; issue: string }[]>;
  previewDatabase(request: CreateDatabaseRequest, principal: Principal): Promise<DatabasePreview>;
  listDatabases(filter: DatabaseFilter, page: PageRequest, principal: Principal): Promise<Page<Database>>;
  getDatabase(id: string, principal: Principal): Promise<Database>;
  /** New trusted sources start an action, which is then the database's. */
  updateDatabase(id: string, request: UpdateDatabaseRequest, context: RequestContext): Promise<Effect<Database>>;
  deleteDatabase(id: string, context: RequestContext): Promise<Effect<Action>>;
  /** `resource_busy` while another action runs, `invalid_status` where the status does not allow it. */
  actOnDatabase(id: string, request: DatabaseRequest, context: RequestContext): Promise<Effect<Action>>;
  /** Every read is written to the audit log first. */
  readDatabaseCredentials(id: string, context: RequestContext): Promise<DatabaseCredentials>;
  /** PEM of the authority that signed the database's certificate. */
  getDatabaseCa(id: string, principal: Principal): Promise<string>;

  /** The principal's own. */
  getAccount(principal: Principal): Promise<AccountView>;

  /** The catalogue, with what the regions have at the moment. */
  listRegions(): Promise<RegionOffer[]>;
  listPlans(): Promise<PlanOffer[]>;
  listImages(): Promise<ImageOffer[]>;
  listDatabaseEngines(): Promise<DatabaseEngineView[]>;

  listActions(filter: ActionFilter, page: PageRequest, principal: Principal): Promise<Page<Action>>;
  /** The history of a resource that is there, newest first. */
  listActionsOf(kind: ResourceKind, id: string, page: PageRequest, principal: Principal): Promise<Page<Action>>;
  /** Of a create that is running; anything else is `not_cancellable`. Takes the write scope of the resource's kind. */
  cancelAction(id: string, context: RequestContext): Promise<Effect<Action>>;
  getAction(id: string, principal: Principal): Promise<Action>;
  /** Resolves when the action has ended, or with its present state after `waitMs`. */
  waitForAction(id: string, principal: Principal, waitMs: number, signal: AbortSignal): Promise<Action>;

  /** What happens in the account from now on, or from an event on, as far as the key may see it. Ends with the signal, and when the key does. */
  openEvents(request: EventsRequest, principal: Principal, signal: AbortSignal): Promise<AsyncIterable<StreamedEvent>>;

  createSshKey(request: CreateSshKeyRequest, context: RequestContext): Promise<Effect<SshKey>>;
  listSshKeys(page: PageRequest, principal: Principal): Promise<Page<SshKey>>;
  getSshKey(id: string, principal: Principal): Promise<SshKey>;
  deleteSshKey(id: string, context: RequestContext): Promise<Effect<null>>;

  /** `forbidden` if it would have a scope, or live longer, than the key that asks. */
  createApiKey(request: CreateApiKeyRequest, context: RequestContext): Promise<Effect<IssuedApiKey>>;
  listApiKeys(page: PageRequest, principal: Principal): Promise<Page<ApiKey>>;
  getApiKey(id: string, principal: Principal): Promise<ApiKey>;
  /** Every process refuses it within a second. `last_owner_key` if nobody could manage the account without it. */
  revokeApiKey(id: string, context: RequestContext): Promise<Effect<null>>;
  /** A new token for the key; the old one works for `overlapSeconds` more. `forbidden` if the key can do what the one that asks can't. */
  rollApiKey(id: string, overlapSeconds: number, context: RequestContext): Promise<Effect<IssuedApiKey>>;

  /** Of the whole installation: for operators. Unknown regions are `validation_failed`. */
  createAudit(request: CreateAuditRequest, context: RequestContext): Promise<Effect<Audit>>;
  listAudits(page: PageRequest): Promise<Page<Audit>>;
  getAudit(id: string): Promise<{ audit: Audit; differences: AuditDifference[] }>;
  /** Of one account; null: of all. */
  listAuditLog(accountId: string | null, page: PageRequest): Promise<Page<AuditEvent>>;

  /** Of all accounts, newest first; the total is counted up to 1,000. */
  listOperatorActions(filter: OperatorActionFilter, page: PageRequest): Promise<Page<OperatorAction>>;
  getOperatorAction(id: string): Promise<OperatorActionDetail>;
  /** Of a create that is running; anything else is `not_cancellable`. */
  cancelOperatorAction(id: string, reason: string, context: RequestContext): Promise<Effect<OperatorActionDetail>>;

  /** More than 10,000 matches are `validation_failed`. Nothing is made or written. */
  previewRetry(
    filter: RetryFilter,
  ): Promise<{ matched: number; items: Pick<RetryItem, "actionId" | "resourceKind" | "resourceId">[] }>;
  createRetry(request: CreateRetryRequest, context: RequestContext): Promise<Effect<Retry>>;
  listRetries(page: PageRequest): Promise<Page<Retry>>;
  getRetry(id: string): Promise<{ retry: Retry; items: RetryItem[] }>;
  /** What it has not begun is left alone. */
  stopRetry(id: string, reason: string, context: RequestContext): Promise<Effect<Retry>>;

  /** Returns when it is in force everywhere. An unknown region is `validation_failed`. */
  createHold(request: CreateHoldRequest, context: RequestContext): Promise<Effect<HoldSeen>>;
  listHolds(which: { isInForce: boolean }, page: PageRequest): Promise<Page<HoldSeen>>;
  getHold(id: string): Promise<HoldSeen>;
  releaseHold(id: string, reason: string, context: RequestContext): Promise<Effect<HoldSeen>>;

  /** Of versioned workers, newest first. */
  listWorkerBuilds(): Promise<WorkerBuild[]>;
  /** An unknown build is `validation_failed`; one without workers for every queue, and nothing to go back to, `invalid_status`. */
  changeWorkers(request: WorkerChangeRequest, context: RequestContext): Promise<Effect<WorkerBuild[]>>;

  /** For operators, across accounts. */
  listRegionStates(): Promise<RegionState[]>;
  /** Of all queues; `service_unavailable` while Temporal is away. */
  listQueues(): Promise<QueueState[]>;
  /** Of one status; null: of all. */
  listAllAccounts(status: AccountStatus | null, page: PageRequest): Promise<Page<Account>>;
  getAnyAccount(id: string): Promise<AccountDetail>;
  createAccount(request: { name: string; reason: string }, context: RequestContext): Promise<Effect<NewAccount>>;
  /** What is not named stays as it is. */
  setAccountLimits(
    id: string,
    request: { limits: Partial<Record<Quota, number | null>>; reason: string },
    context: RequestContext,
  ): Promise<Effect<AccountDetail>>;
  /** Its keys are refused within a second. `invalid_status` for the account of the key that asks. One that is suspended stays so. */
  suspendAccount(id: string, reason: string, context: RequestContext): Promise<Effect<AccountDetail>>;
  resumeAccount(id: string, reason: string, context: RequestContext): Promise<Effect<AccountDetail>>;
  listKeysOfAccount(accountId: string, page: PageRequest): Promise<Page<ApiKey>>;
  issueKeyForAccount(
    accountId: string,
    request: IssueAccountKeyRequest,
    context: RequestContext,
  ): Promise<Effect<IssuedApiKey>>;
  revokeAnyKey(id: string, reason: string, context: RequestContext): Promise<Effect<null>>;

  readiness(): Promise<Record<"database" | "temporal" | "worker", { ready: boolean; message: string | null }>>;
}
