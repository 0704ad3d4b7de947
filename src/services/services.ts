import type { Action } from "../domain/action.ts";
import type { Principal } from "../domain/principal.ts";
import type { Server } from "../domain/server.ts";
import type { SshKey } from "../domain/ssh-key.ts";
import type { ResourceStatus } from "../domain/statuses.ts";

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
  items: T[];
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

/** null: any. */
export interface ServerFilter {
  status: ResourceStatus | null;
  region: string | null;
  name: string | null;
  label: { key: string; value: string } | null;
}

export interface CreateSshKeyRequest {
  name: string;
  publicKey: string;
}

/** Every use-case the API offers. All throw `DomainError`. Another account's id is `not_found`. */
export interface Services {
  authenticate(token: string): Promise<Principal>;

  /** Wrong plan, region, image or key ids are thrown together as `validation_failed`. */
  createServer(request: CreateServerRequest, context: RequestContext): Promise<Effect<Server>>;
  /** The catalogue and database part of the validation alone: returns the details instead of throwing. Used to report all fields at once. */
  validateServerReferences(
    request: Partial<Pick<CreateServerRequest, "plan" | "region" | "image" | "sshKeyIds">>,
    principal: Principal,
  ): Promise<{ field: string; issue: string }[]>;
  listServers(filter: ServerFilter, page: PageRequest, principal: Principal): Promise<Page<Server>>;
  getServer(id: string, principal: Principal): Promise<Server>;
  deleteServer(id: string, context: RequestContext): Promise<Effect<Action>>;

  getAction(id: string, principal: Principal): Promise<Action>;
  /** Resolves when the action has ended, or with its present state after `waitMs`. */
  waitForAction(id: string, principal: Principal, waitMs: number, signal: AbortSignal): Promise<Action>;

  createSshKey(request: CreateSshKeyRequest, context: RequestContext): Promise<Effect<SshKey>>;
  listSshKeys(page: PageRequest, principal: Principal): Promise<Page<SshKey>>;
  getSshKey(id: string, principal: Principal): Promise<SshKey>;
  deleteSshKey(id: string, context: RequestContext): Promise<Effect<null>>;

  readiness(): Promise<Record<"database" | "temporal" | "worker", { ready: boolean; message: string | null }>>;
}
