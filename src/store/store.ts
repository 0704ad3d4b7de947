import type { ResourceKind } from "../domain/resource.ts";
import { AccountRepository } from "./accounts.ts";
import { ActionRepository } from "./actions.ts";
import { ApiKeyTokenRepository } from "./api-key-tokens.ts";
import { ApiKeyRepository } from "./api-keys.ts";
import { AuditEventRepository } from "./audit-events.ts";
import { AuditFactsRepository } from "./audit-facts.ts";
import { AuditRepository } from "./audits.ts";
import { CapacityRepository } from "./capacity.ts";
import { CertificateRepository } from "./certificates.ts";
import { type Connection, type ConnectionOptions, connect, type Db } from "./connection.ts";
import { DatabaseCredentialsRepository } from "./database-credentials.ts";
import { type DatabaseReads, databaseReads } from "./database-reads.ts";
import { DatabaseRepository } from "./databases.ts";
import { EngineOfferRepository } from "./engine-offers.ts";
import { EventNotices } from "./event-notices.ts";
import { EventLog } from "./events.ts";
import { GateWaitRepository } from "./gate-waits.ts";
import { HoldRepository } from "./holds.ts";
import { IdempotencyKeyRepository } from "./idempotency-keys.ts";
import { ImageOfferRepository } from "./image-offers.ts";
import { IpAddressRepository } from "./ip-addresses.ts";
import { OperatorActionReads } from "./operator-actions.ts";
import { QuotaRepository } from "./quotas.ts";
import { type PostgresLimiterOptions, postgresLimiter } from "./rate-limit-points.ts";
import { ResourceCountRepository } from "./resource-counts.ts";
import type { ResourceRepository } from "./resources.ts";
import { RestoreRepository } from "./restores.ts";
import { RetryRepository } from "./retries.ts";
import { type ServerReads, serverReads } from "./server-reads.ts";
import { ServerRepository } from "./servers.ts";
import { SshKeyRepository } from "./ssh-keys.ts";

export { isLockTimeout, isUniqueViolation } from "./database-errors.ts";

/** The repositories, all on one connection or all in one transaction. */
export interface Repositories {
  accounts: AccountRepository;
  apiKeys: ApiKeyRepository;
  apiKeyTokens: ApiKeyTokenRepository;
  sshKeys: SshKeyRepository;
  servers: ServerRepository;
  databases: DatabaseRepository;
  /** Both, by kind. */
  resources: Record<ResourceKind, ResourceRepository>;
  actions: ActionRepository;
  ipAddresses: IpAddressRepository;
  capacity: CapacityRepository;
  quotas: QuotaRepository;
  credentials: DatabaseCredentialsRepository;
  certificates: CertificateRepository;
  engineOffers: EngineOfferRepository;
  imageOffers: ImageOfferRepository;
  auditEvents: AuditEventRepository;
  audits: AuditRepository;
  auditFacts: AuditFactsRepository;
  operatorActions: OperatorActionReads;
  retries: RetryRepository;
  holds: HoldRepository;
  gateWaits: GateWaitRepository;
  resourceCounts: ResourceCountRepository;
  restores: RestoreRepository;
  idempotencyKeys: IdempotencyKeyRepository;
}

export interface Store extends Repositories {
  serverReads: ServerReads;
  databaseReads: DatabaseReads;
  events: EventLog;
  /** Tells of new events of the accounts that it is to watch, by a connection of its own. */
  eventNotices(onNotice: (accountId: string) => void): EventNotices;
  /** Counts points for all processes of the installation. */
  rateLimiter(options: PostgresLimiterOptions): ReturnType<typeof postgresLimiter>;
  /** Everything `work` does through its repositories commits together or not at all. */
  transaction<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
  /** Connections of the pool, and callers that wait for one. */
  poolUsage(): { total: number; idle: number; waiting: number };
  /** Fails if the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const TRANSACTION_TIMEOUT_MS = 10_000;

export function openStore(options: ConnectionOptions): Store {
  const connection: Connection = connect(options);
  const notices = new Set<EventNotices>();
  return {
    ...repositories(connection.prisma),
    serverReads: serverReads(connection.pool),
    databaseReads: databaseReads(connection.pool),
    events: new EventLog(connection.pool),
    eventNotices(onNotice) {
      const { databaseUrl, onConnectionError: onError } = options;
      const opened = new EventNotices({ databaseUrl, onNotice, onError });
      notices.add(opened);
      return opened;
    },
    rateLimiter: (limiter) => postgresLimiter(connection.pool, limiter),
    transaction: (work) =>
      connection.prisma.$transaction((transaction) => work(repositories(transaction)), {
        maxWait: TRANSACTION_TIMEOUT_MS,
        timeout: TRANSACTION_TIMEOUT_MS,
      }),
    poolUsage: () => ({
      total: connection.pool.totalCount,
      idle: connection.pool.idleCount,
      waiting: connection.pool.waitingCount,
    }),
    async ping() {
      await connection.pool.query("SELECT 1");
    },
    async close() {
      await Promise.all([...notices].map((opened) => opened.close()));
      await connection.close();
    },
  };
}

function repositories(db: Db): Repositories {
  const servers = new ServerRepository(db);
  const databases = new DatabaseRepository(db);
  const actions = new ActionRepository(db);
  const gateWaits = new GateWaitRepository(db);
  return {
    accounts: new AccountRepository(db),
    apiKeys: new ApiKeyRepository(db),
    apiKeyTokens: new ApiKeyTokenRepository(db),
    sshKeys: new SshKeyRepository(db),
    servers,
    databases,
    resources: { server: servers, database: databases },
    actions,
    ipAddresses: new IpAddressRepository(db),
    capacity: new CapacityRepository(db),
    quotas: new QuotaRepository(db),
    credentials: new DatabaseCredentialsRepository(db),
    certificates: new CertificateRepository(db),
    engineOffers: new EngineOfferRepository(db),
    imageOffers: new ImageOfferRepository(db),
    auditEvents: new AuditEventRepository(db),
    audits: new AuditRepository(db),
    auditFacts: new AuditFactsRepository(db),
    operatorActions: new OperatorActionReads(db, { actions, gateWaits }),
    retries: new RetryRepository(db),
    holds: new HoldRepository(db, gateWaits),
    gateWaits,
    resourceCounts: new ResourceCountRepository(db),
    restores: new RestoreRepository(db),
    idempotencyKeys: new IdempotencyKeyRepository(db),
  };
}
