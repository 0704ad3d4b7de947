import type { Action } from "../../src/domain/action.ts";
import type { ApiKey } from "../../src/domain/api-key.ts";
import type { Audit } from "../../src/domain/audit.ts";
import type { Plan } from "../../src/domain/catalog.ts";
import type { Database, DatabaseCredentials } from "../../src/domain/database.ts";
import { DomainError } from "../../src/domain/domain-error.ts";
import type { AccountEvent } from "../../src/domain/event.ts";
import type { HoldSeen } from "../../src/domain/hold.ts";
import { newId } from "../../src/domain/ids.ts";
import type { OperatorActionDetail } from "../../src/domain/operator-action.ts";
import type { Principal } from "../../src/domain/principal.ts";
import { QUOTAS, type QuotaUsage } from "../../src/domain/quotas.ts";
import type { Retry } from "../../src/domain/retry.ts";
import type { Server } from "../../src/domain/server.ts";
import type { SshKey } from "../../src/domain/ssh-key.ts";
import { parseSshPublicKey } from "../../src/domain/ssh-public-key.ts";
import type { WorkerBuild } from "../../src/domain/worker-fleet.ts";
import type {
  AccountDetail,
  AccountView,
  Effect,
  Page,
  RegionState,
  Services,
  StreamedEvent,
} from "../../src/services/services.ts";

/** A full-access key, and one that may only read servers. */
export const API_KEY = `cn_live_sk_${"A1b2".repeat(10)}`;
export const READ_ONLY_KEY = `cn_live_sk_${"Z9y8".repeat(10)}`;

export const PRINCIPAL: Principal = {
  accountId: `acc_${"a".repeat(24)}`,
  apiKeyId: `ak_${"a".repeat(24)}`,
  tokenId: `tok_${"a".repeat(24)}`,
  scopes: ["*"],
};

export const SERVER: Server = {
  id: `srv_${"s".repeat(24)}`,
  accountId: PRINCIPAL.accountId,
  name: "production-web-01",
  plan: "pro",
  region: "us-east-1",
  image: "ubuntu-22.04",
  status: "provisioning",
  powerState: "unknown",
  ipv4: "192.168.10.42",
  sshKeyIds: ["key_8f3k29", "key_9d2m41"],
  labels: {},
  actionId: `act_${"a".repeat(24)}`,
  error: null,
  createdAt: new Date("2025-05-22T10:42:00.123Z"),
  updatedAt: new Date("2025-05-22T10:42:00.456Z"),
};

export const ACTION: Action = {
  id: SERVER.actionId,
  accountId: PRINCIPAL.accountId,
  type: "create",
  status: "running",
  resourceKind: "server",
  resourceId: SERVER.id,
  region: "us-east-1",
  image: "ubuntu-22.04",
  attempt: 1,
  requestId: `req_${"r".repeat(24)}`,
  steps: [
    { name: "allocate_ip_address", status: "succeeded", attempt: 1, started_at: null, ended_at: null, message: null },
    { name: "create_instance", status: "running", attempt: 2, started_at: null, ended_at: null, message: "try again" },
  ],
  error: null,
  createdAt: new Date("2025-05-22T10:42:00.123Z"),
  startedAt: new Date("2025-05-22T10:42:00.130Z"),
  endedAt: null,
};

export const DATABASE: Database = {
  id: `db_${"d".repeat(24)}`,
  accountId: PRINCIPAL.accountId,
  name: "app-db-prod",
  image: "postgresql-15",
  engine: "postgresql",
  version: "15.14",
  implementation: "PostgreSQL",
  plan: "standard",
  region: "us-east-1",
  status: "provisioning",
  powerState: "unknown",
  ipv4: "192.168.10.43",
  trustedSources: [],
  labels: {},
  actionId: `act_${"b".repeat(24)}`,
  error: null,
  createdAt: new Date("2025-05-22T10:42:00.123Z"),
  updatedAt: new Date("2025-05-22T10:42:00.456Z"),
};

const DATABASE_ACTION: Action = {
  ...ACTION,
  id: DATABASE.actionId,
  resourceKind: "database",
  resourceId: DATABASE.id,
};

export const CREDENTIALS: DatabaseCredentials = {
  host: "192.168.10.43",
  port: 5432,
  user: "app",
  password: "not-a-real-password",
  database: "app",
  uri: "postgresql://app:not-a-real-password@192.168.10.43:5432/app?sslmode=verify-full",
  caCertificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
};

export const SSH_KEY: SshKey = {
  id: `key_${"k".repeat(24)}`,
  accountId: PRINCIPAL.accountId,
  name: "laptop",
  publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOPnw7PXiDpfiQMdiTyB9qyHrSQ5FJzRjr9rNTzIuEW0 me@laptop",
  fingerprint: "SHA256:example",
  createdAt: new Date("2025-05-22T10:42:00.000Z"),
};

export const KEY: ApiKey = {
  id: PRINCIPAL.apiKeyId,
  accountId: PRINCIPAL.accountId,
  name: "deploy",
  hint: "cn_live_sk_A1b2…",
  scopes: ["servers:read"],
  expiresAt: null,
  lastUsedAt: new Date("2025-05-22T11:07:00.000Z"),
  previousTokenUntil: null,
  createdAt: new Date("2025-05-22T10:42:00.000Z"),
};

const PLAN: Plan = {
  slug: "pro",
  vcpus: 2,
  memoryMib: 2048,
  diskGib: 40,
  kinds: ["server"],
  price: { amount: "12.00", currency: "USD", per: "month" },
};

const QUOTA_USAGE = Object.fromEntries(QUOTAS.map((quota) => [quota, { limit: 10, used: 1 }])) as QuotaUsage;

const ACCOUNT: AccountView = {
  id: PRINCIPAL.accountId,
  name: "acme",
  createdAt: SERVER.createdAt,
  suspendedAt: null,
  quotas: QUOTA_USAGE,
};

const ACCOUNT_DETAIL: AccountDetail = {
  ...ACCOUNT,
  ownLimits: Object.fromEntries(QUOTAS.map((quota) => [quota, null])) as AccountDetail["ownLimits"],
};

const WAITS = { backlog: 2, oldestSeconds: 1.25 };
const RATES = { addedPerSecond: 0.5, dispatchedPerSecond: 0, workers: 1 };

const NOTHING_PROMISED = { vcpus: 0, memoryMib: 0, diskGib: 0 };
const REGION_STATE: RegionState = {
  ...{ slug: "us-east-1", name: "US East", host: "local", limit: null, promised: NOTHING_PROMISED },
  ...{ addresses: { offered: 10, held: 0, free: 10 }, workers: 1, audit: null },
};

const KNOWN = {
  plan: ["starter", "pro", "enterprise"],
  region: ["us-east-1", "eu-west-2"],
  image: ["ubuntu-22.04", "debian-12"],
  sshKeyIds: ["key_8f3k29", "key_9d2m41"],
};

const AUDIT: Audit = {
  ...{ id: "adt_z4h7qn2wkc5xmj3ytb6drvea", requestedBy: null, reason: null, regions: [], classes: [] },
  ...{ repair: false, deleteLost: false },
  ...{ status: "running", totals: [], createdAt: SERVER.createdAt, endedAt: null },
};

const BUILD: WorkerBuild = {
  ...{ buildId: "2025.05.22-1", status: "ramping", percent: 20, workers: 2 },
  ...{ firstSeenAt: SERVER.createdAt, lastCurrentAt: null },
};

/** Stands in for the use-cases where the HTTP layer is what is tested. Like them, it refuses unknown references and keys. */
export function servicesDouble(): Services {
  const double: Services = {
    authenticate(token) {
      if (token === API_KEY) return Promise.resolve(PRINCIPAL);
      if (token === READ_ONLY_KEY) return Promise.resolve({ ...PRINCIPAL, scopes: ["servers:read"] });
      return Promise.reject(new DomainError("unauthorized"));
    },
    async createServer(request, context) {
      const { image, ...others } = request;
      const references = { ...others, ...(image !== null && { image }) };
      const details = await double.validateServerReferences(references, context.principal);
      if (details.length > 0) throw new DomainError("validation_failed", { details });
      return effect(SERVER);
    },
    validateServerReferences(request) {
      const details = [];
      for (const field of ["plan", "region", "image"] as const) {
        const value = request[field];
        if (value != null && !KNOWN[field].includes(value)) details.push({ field, issue: `unknown ${field}` });
      }
      for (const [index, id] of (request.sshKeyIds ?? []).entries()) {
        if (!KNOWN.sshKeyIds.includes(id)) details.push({ field: `ssh_keys[${index}]`, issue: "unknown key" });
      }
      return Promise.resolve(details);
    },
    async previewServer({ name, region, image, sshKeyIds, labels }) {
      return { name, region, image: image ?? SERVER.image, sshKeyIds, labels, plan: PLAN };
    },
    listServers: (_filter, request) => Promise.resolve(page([SERVER], request, 45)),
    getServer: () => Promise.resolve(SERVER),
    updateServer: (_id, { name = SERVER.name, labels = SERVER.labels }) =>
      Promise.resolve(effect({ ...SERVER, name, labels })),
    deleteServer: () => Promise.resolve(effect({ ...ACTION, type: "delete" })),
    actOnServer: (_id, { type }) => Promise.resolve(effect({ ...ACTION, type: type === "retry" ? "create" : type })),
    createDatabase: async (request) => {
      const details = await double.validateDatabaseReferences(request);
      if (details.length > 0) throw new DomainError("validation_failed", { details });
      return effect(DATABASE);
    },
    validateDatabaseReferences(request) {
      const details = [];
      const known = { ...KNOWN, plan: ["standard"] };
      for (const field of ["plan", "region"] as const) {
        const value = request[field];
        if (value !== undefined && !known[field].includes(value)) details.push({ field, issue: `unknown ${field}` });
      }
      return Promise.resolve(details);
    },
    async previewDatabase({ name, region, engine, trustedSources, labels }) {
      const { version, implementation } = DATABASE;
      return { name, region, engine, version, implementation, trustedSources, labels, plan: PLAN };
    },
    listDatabases: (_filter, request) => Promise.resolve(page([DATABASE], request, 45)),
    getDatabase: () => Promise.resolve(DATABASE),
    updateDatabase: (_id, { name = DATABASE.name }) => Promise.resolve(effect({ ...DATABASE, name })),
    deleteDatabase: () => Promise.resolve(effect({ ...DATABASE_ACTION, type: "delete" })),
    actOnDatabase: (_id, request) =>
      Promise.resolve(effect({ ...DATABASE_ACTION, type: request === "retry" ? "create" : request })),
    readDatabaseCredentials: () => Promise.resolve(CREDENTIALS),
    getDatabaseCa: () => Promise.resolve(CREDENTIALS.caCertificate),
    getAccount: () => Promise.resolve(ACCOUNT),
    listRegions: () =>
      Promise.resolve([
        {
          slug: "us-east-1",
          name: "US East",
          hasFreeAddress: true,
          images: ["ubuntu-22.04"],
          defaultImage: "ubuntu-22.04",
          engines: [{ engine: "postgresql", version: "17.6" }],
          plans: ["pro"],
        },
      ]),
    listPlans: () => Promise.resolve([{ ...PLAN, regions: ["us-east-1"] }]),
    listImages: () =>
      Promise.resolve([
        { slug: "ubuntu-22.04", name: "Ubuntu 22.04 LTS", regions: ["us-east-1"], defaultIn: ["us-east-1"] },
      ]),
    listDatabaseEngines: () =>
      Promise.resolve([
        { engine: "postgresql", version: "17.6", implementation: "PostgreSQL", regions: ["us-east-1"] },
      ]),
    listActions: (_filter, request) => Promise.resolve(page([ACTION], request, 45)),
    listActionsOf: (_kind, _id, request) => Promise.resolve(page([ACTION], request, 45)),
    cancelAction: () => Promise.resolve(effect(ACTION)),
    getAction: () => Promise.resolve(ACTION),
    waitForAction: () => Promise.resolve({ ...ACTION, status: "succeeded", endedAt: new Date("2025-05-22T10:42:05Z") }),
    openEvents: () => Promise.resolve(events()),
    createSshKey({ name, publicKey }) {
      const parsed = parseSshPublicKey(publicKey);
      const { publicKey: normalised, fingerprint } = parsed;
      return Promise.resolve(effect({ ...SSH_KEY, name, publicKey: normalised, fingerprint }));
    },
    listSshKeys: (request) => Promise.resolve(page([SSH_KEY], request, 1)),
    getSshKey: () => Promise.resolve(SSH_KEY),
    deleteSshKey: () => Promise.resolve(effect(null)),
    createApiKey: ({ name, scopes, expiresAt }) =>
      Promise.resolve(effect({ key: { ...KEY, name, scopes, expiresAt }, token: API_KEY })),
    listApiKeys: (request) => Promise.resolve(page([KEY], request, 1)),
    getApiKey: () => Promise.resolve(KEY),
    revokeApiKey: () => Promise.resolve(effect(null)),
    rollApiKey: () => Promise.resolve(effect({ key: KEY, token: API_KEY })),
    createAudit: () => Promise.resolve(effect(AUDIT)),
    listAudits: (request) => Promise.resolve(page([AUDIT], request, 45)),
    getAudit: () => Promise.resolve({ audit: AUDIT, differences: [] }),
    listAuditLog: (_accountId, request) => Promise.resolve(page([], request, 0)),
    listOperatorActions: (_filter, request) => Promise.resolve(page([OPERATOR_ACTION], request, 45)),
    getOperatorAction: () => Promise.resolve(OPERATOR_ACTION),
    cancelOperatorAction: () => Promise.resolve(effect(OPERATOR_ACTION)),
    previewRetry: () => Promise.resolve({ matched: 0, items: [] }),
    createRetry: () => Promise.resolve(effect(RETRY)),
    listRetries: (request) => Promise.resolve(page([RETRY], request, 45)),
    getRetry: () => Promise.resolve({ retry: RETRY, items: [] }),
    stopRetry: () => Promise.resolve(effect(RETRY)),
    createHold: () => Promise.resolve(effect(HOLD)),
    listHolds: (_which, request) => Promise.resolve(page([HOLD], request, 45)),
    getHold: () => Promise.resolve(HOLD),
    releaseHold: () => Promise.resolve(effect(HOLD)),
    listWorkerBuilds: () => Promise.resolve([BUILD]),
    changeWorkers: () => Promise.resolve(effect([BUILD])),
    listQueues: () =>
      Promise.resolve([
        {
          ...{ name: "cloudnexus-workflows", kind: "workflow", region: null, backlog: 0, oldestSeconds: null },
          ...RATES,
        },
        { ...{ name: "cloudnexus-region-us-east-1", kind: "activity", region: "us-east-1" }, ...WAITS, ...RATES },
      ]),
    listRegionStates: () => Promise.resolve([REGION_STATE]),
    listAllAccounts: (_status, request) => Promise.resolve(page([ACCOUNT_DETAIL], request, 45)),
    getAnyAccount: () => Promise.resolve(ACCOUNT_DETAIL),
    createAccount: ({ name }) => Promise.resolve(effect({ account: { ...ACCOUNT_DETAIL, name }, token: API_KEY })),
    setAccountLimits: () => Promise.resolve(effect(ACCOUNT_DETAIL)),
    suspendAccount: () => Promise.resolve(effect({ ...ACCOUNT_DETAIL, suspendedAt: ACCOUNT_DETAIL.createdAt })),
    resumeAccount: () => Promise.resolve(effect(ACCOUNT_DETAIL)),
    listKeysOfAccount: (_accountId, request) => Promise.resolve(page([KEY], request, 1)),
    issueKeyForAccount: (_accountId, { name, scopes, expiresAt }) =>
      Promise.resolve(effect({ key: { ...KEY, name, scopes, expiresAt }, token: API_KEY })),
    revokeAnyKey: () => Promise.resolve(effect(null)),
    readiness: () => Promise.resolve({ database: READY, temporal: READY, worker: READY }),
  };
  return double;
}

const OPERATOR_ACTION: OperatorActionDetail = {
  ...ACTION,
  ...{ startedAt: ACTION.createdAt, cancelRequestedAt: null, wait: null },
  ...{ accountName: "acme", parameters: null, resource: null, pending: [] },
};

const RETRY: Retry = {
  id: newId("retry"),
  requestedBy: { accountId: ACTION.accountId, apiKeyId: newId("apiKey"), requestId: ACTION.requestId },
  reason: "the region is back",
  filter: {
    ...{ actionId: null, step: null, errorCode: null, region: "us-east-1", resourceKind: null, accountId: null },
    ...{ createdBefore: null, createdAfter: ACTION.createdAt },
  },
  ...{ perMinute: 60, status: "running", matched: 2, started: 1, skipped: 0 },
  ...{ createdAt: ACTION.createdAt, endedAt: null },
};

const HOLD: HoldSeen = {
  ...{ id: newId("hold"), region: "us-east-1", host: null, step: null, resourceKind: null, reason: "updates" },
  ...{ apiKeyId: RETRY.requestedBy.apiKeyId, createdAt: ACTION.createdAt, releasedAt: null, waiting: 2 },
};

/** Begins, tells of one change, and ends. */
async function* events(): AsyncGenerator<StreamedEvent> {
  const at = new Date("2025-05-22T10:42:00.123Z");
  yield await Promise.resolve({ kind: "ready", position: { id: 1n, at } });
  yield { kind: "event", event: SERVER_EVENT };
}

export const SERVER_EVENT: AccountEvent = {
  position: { id: 2n, at: SERVER.createdAt },
  type: "server.created",
  resourceType: "server",
  resourceId: SERVER.id,
  actionId: SERVER.actionId,
  subject: { kind: "server", of: SERVER },
};

const READY = { ready: true, message: null };

export function effect<T>(value: T, replayed = false): Effect<T> {
  return { value, replayed };
}

function page<T>(items: T[], request: { page: number; perPage: number }, total: number): Page<T> {
  const hasNext = request.page * request.perPage < total;
  return { items, page: request.page, perPage: request.perPage, total, nextCursor: hasNext ? "bmV4dA" : null };
}
