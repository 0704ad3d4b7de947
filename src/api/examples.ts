import type { z } from "zod";
import type { accountSchema } from "./views/account.ts";
import type { actionSchema } from "./views/action.ts";
import type { apiKeySchema, issuedApiKeySchema } from "./views/api-key.ts";
import type { auditDetailSchema, auditEventSchema, auditSchema } from "./views/audit.ts";
import type { credentialsSchema, databaseSchema } from "./views/database.ts";
import type { eventSchema } from "./views/event.ts";
import type {
  accountDetailSchema,
  listedAccountSchema,
  newAccountSchema,
  regionStateSchema,
} from "./views/operator.ts";
import type { queueSchema } from "./views/queue.ts";
import type { serverSchema } from "./views/server.ts";
import type { sshKeySchema } from "./views/ssh-key.ts";
import type { workerBuildSchema } from "./views/workers.ts";

/** What the reference shows as answers, and what its samples send: the examples of the published reference, and more of their kind. */

const IDS = {
  server: "srv_vea3xdzj4fjk26zt3giq6xg2",
  database: "db_c4m2k7xqzj5wb6h3tnd2yrea",
  sshKey: "key_m2kwpwzqgbl2o3num6cm5eqc",
  apiKey: "ak_h4w6sye2ntq7zk5cjx3rdblm",
  createServer: "act_b3vfv7znsxzllvzdycb7jd33",
  createDatabase: "act_q5jx2mzr7lwkd4c6ubt3nyha",
} as const;

const CREATED_AT = "2025-05-22T10:42:00Z";

export const ACCOUNT: z.output<typeof accountSchema> = {
  id: "acc_k3v5q2wz7nbh4c6jxtmd2rys",
  name: "acme",
  quotas: {
    servers: { limit: 250, used: 12 },
    databases: { limit: 100, used: 3 },
    vcpus: { limit: 1000, used: 27 },
    memory_mib: { limit: 2097152, used: 27648 },
    addresses: { limit: 350, used: 15 },
    api_keys: { limit: 100, used: 4 },
    ssh_keys: { limit: 100, used: 2 },
  },
  created_at: CREATED_AT,
};

export const SERVER: z.output<typeof serverSchema> = {
  id: IDS.server,
  name: "production-web-01",
  plan: "pro",
  region: "us-east-1",
  image: "ubuntu-22.04",
  status: "provisioning",
  power_state: "unknown",
  ipv4: "192.168.10.42",
  ssh_keys: [IDS.sshKey],
  labels: { env: "production" },
  action_id: IDS.createServer,
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
  error: null,
};

export const ACTIVE_SERVER: typeof SERVER = {
  ...SERVER,
  status: "active",
  power_state: "running",
  updated_at: "2025-05-22T10:42:05Z",
};

export const DATABASE: z.output<typeof databaseSchema> = {
  id: IDS.database,
  name: "app-db-prod",
  engine: "postgresql",
  version: "15.14",
  implementation: "PostgreSQL",
  plan: "standard",
  region: "us-east-1",
  status: "provisioning",
  power_state: "unknown",
  endpoint: { host: "192.168.10.43", port: 5432 },
  tls_ca_url: `/v1/databases/${IDS.database}/ca.pem`,
  trusted_sources: ["203.0.113.0/24"],
  labels: {},
  action_id: IDS.createDatabase,
  created_at: CREATED_AT,
  updated_at: CREATED_AT,
  error: null,
};

export const ACTIVE_DATABASE: typeof DATABASE = {
  ...DATABASE,
  status: "active",
  power_state: "running",
  updated_at: "2025-05-22T10:42:20Z",
};

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBnDCCAUKg…\n-----END CERTIFICATE-----\n";
const PASSWORD = "3rT0…";

export const CREDENTIALS: z.output<typeof credentialsSchema> = {
  host: "192.168.10.43",
  port: 5432,
  user: "app",
  password: PASSWORD,
  database: "app",
  uri: `postgresql://app:${PASSWORD}@192.168.10.43:5432/app?sslmode=verify-full`,
  ca_certificate: CERTIFICATE,
};

export const CA_PEM = CERTIFICATE;

export const SSH_KEY: z.output<typeof sshKeySchema> = {
  id: IDS.sshKey,
  name: "laptop",
  public_key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOPnw7PXiDpfiQMdiTyB9qyHrSQ5FJzRjr9rNTzIuEW0 me@laptop",
  fingerprint: "SHA256:2Yy0NVRr0dyVj7UJ2nMHTLSmDX4uY9nPi1m8UlVn1Ng",
  created_at: CREATED_AT,
};

export const API_KEY: z.output<typeof apiKeySchema> = {
  id: IDS.apiKey,
  name: "deploy",
  hint: "cn_live_sk_4f29…",
  scopes: ["servers:read", "servers:write"],
  expires_at: null,
  last_used_at: "2025-05-22T11:07:00Z",
  previous_token_until: null,
  created_at: CREATED_AT,
};

export const ISSUED_API_KEY: z.output<typeof issuedApiKeySchema> = {
  ...API_KEY,
  last_used_at: null,
  token: "cn_live_sk_4f29…",
};

export const ROLLED_API_KEY: typeof ISSUED_API_KEY = {
  ...API_KEY,
  hint: "cn_live_sk_Qm7x…",
  previous_token_until: "2025-05-22T12:42:00Z",
  token: "cn_live_sk_Qm7x…",
};

export const LISTED_ACCOUNT: z.output<typeof listedAccountSchema> = {
  id: ACCOUNT.id,
  name: ACCOUNT.name,
  status: "active",
  suspended_at: null,
  created_at: CREATED_AT,
};

export const NEW_ACCOUNT: z.output<typeof newAccountSchema> = { ...LISTED_ACCOUNT, api_key: "cn_live_sk_4f29…" };

export const ACCOUNT_DETAIL: z.output<typeof accountDetailSchema> = {
  ...ACCOUNT,
  status: "active",
  suspended_at: null,
  own_limits: {
    servers: 20,
    databases: null,
    vcpus: null,
    memory_mib: null,
    addresses: null,
    api_keys: null,
    ssh_keys: null,
  },
};

export const SUSPENDED_ACCOUNT: z.output<typeof accountDetailSchema> = {
  ...ACCOUNT_DETAIL,
  status: "suspended",
  suspended_at: CREATED_AT,
};

export const QUEUE: z.output<typeof queueSchema> = {
  name: "cloudnexus-region-us-east-1",
  kind: "activity",
  region: "us-east-1",
  backlog: 12,
  oldest_seconds: 3.4,
  added_per_second: 4.2,
  dispatched_per_second: 3.9,
  workers: 2,
};

export const REGION_STATE: z.output<typeof regionStateSchema> = {
  slug: "us-east-1",
  name: "US East",
  vcpus: { limit: 64, promised: 27 },
  memory_mib: { limit: 131072, promised: 27648 },
  disk_gib: { limit: 2048, promised: 310 },
  addresses: { offered: 200, held: 15, free: 185 },
  workers: 2,
  audit: {
    id: "adt_z4h7qn2wkc5xmj3ytb6drvea",
    ended_at: "2025-05-22T10:42:02Z",
    owned: 15,
    found: 15,
    differences: 0,
    problem: null,
  },
};

type ActionExample = z.output<typeof actionSchema>;

function step(name: string, status: "pending" | "running" | "succeeded"): ActionExample["steps"][number] {
  return {
    name,
    status,
    attempt: status === "pending" ? 0 : 1,
    started_at: status === "pending" ? null : "2025-05-22T10:42:00.104Z",
    ended_at: status === "succeeded" ? "2025-05-22T10:42:00.391Z" : null,
    message: null,
  };
}

const RUNNING = { status: "running", error: null, created_at: CREATED_AT, ended_at: null } as const;

export const CREATE_SERVER_ACTION: ActionExample = {
  ...RUNNING,
  id: IDS.createServer,
  type: "create",
  resource: { type: "server", id: IDS.server },
  progress: 62,
  steps: [
    step("allocate_ip_address", "succeeded"),
    step("reserve_capacity", "succeeded"),
    step("resolve_image", "succeeded"),
    step("attach_ssh_keys", "succeeded"),
    step("create_instance", "succeeded"),
    step("start_instance", "running"),
    step("wait_for_ssh", "pending"),
    step("mark_active", "pending"),
  ],
};

export const REBOOT_ACTION: ActionExample = {
  ...RUNNING,
  id: "act_t5n2yjx4qzl7kc3mhd6wrvba",
  type: "reboot",
  resource: { type: "server", id: IDS.server },
  progress: 25,
  steps: [
    step("look_at_instance", "succeeded"),
    step("shut_down_instance", "running"),
    step("start_instance", "pending"),
    step("mark_running", "pending"),
  ],
};

export const DELETE_SERVER_ACTION: ActionExample = {
  ...RUNNING,
  id: "act_w2c7hzq4mxn5rj3lkt6ydvea",
  type: "delete",
  resource: { type: "server", id: IDS.server },
  progress: 14,
  steps: [
    step("cancel_running_action", "succeeded"),
    step("stop_instance", "running"),
    step("delete_instance", "pending"),
    step("detach_ssh_keys", "pending"),
    step("release_capacity", "pending"),
    step("release_ip_address", "pending"),
    step("mark_deleted", "pending"),
  ],
};

export const DELETE_DATABASE_ACTION: ActionExample = {
  ...DELETE_SERVER_ACTION,
  id: "act_k6d3vtx2qpl7wm5ncz4hjyra",
  resource: { type: "database", id: IDS.database },
  progress: 10,
  steps: [
    step("cancel_running_action", "succeeded"),
    step("stop_instance", "running"),
    step("delete_instance", "pending"),
    step("delete_volume", "pending"),
    step("remove_access_rules", "pending"),
    step("discard_certificate", "pending"),
    step("forget_credentials", "pending"),
    step("release_capacity", "pending"),
    step("release_ip_address", "pending"),
    step("mark_deleted", "pending"),
  ],
};

export const ROTATE_ACTION: ActionExample = {
  ...RUNNING,
  id: "act_n4y6bqd2szv7kt5hfc3wjlxa",
  type: "rotate_credentials",
  resource: { type: "database", id: IDS.database },
  progress: 33,
  steps: [
    step("generate_password", "succeeded"),
    step("add_password", "succeeded"),
    step("verify_password", "running"),
    step("store_password", "pending"),
    step("drop_password", "pending"),
    step("mark_active", "pending"),
  ],
};

const EVENT: z.output<typeof eventSchema> = {
  id: "evt_aaaaaaaaabuukxqahbs5cpoa",
  type: "server.active",
  resource: { type: "server", id: ACTIVE_SERVER.id },
  action_id: IDS.createServer,
  created_at: ACTIVE_SERVER.updated_at,
  data: ACTIVE_SERVER,
};

export const EVENT_STREAM = `retry: 2000
id: evt_aaaaaaaaabuecxqahbs5ao4e
event: ready
data: {}

id: ${EVENT.id}
event: ${EVENT.type}
data: ${JSON.stringify(EVENT)}

`;

export const AUDIT: z.output<typeof auditSchema> = {
  id: "adt_z4h7qn2wkc5xmj3ytb6drvea",
  status: "succeeded",
  repair: false,
  delete_lost: false,
  regions: ["us-east-1"],
  classes: ["instance_missing", "instance_orphaned"],
  reason: "after the power cut",
  requested_by: IDS.apiKey,
  totals: [
    { scope: "*", owned: 412, found: 412, differences: [], problem: null },
    {
      scope: "us-east-1",
      owned: 40,
      found: 41,
      differences: [{ class: "instance_orphaned", count: 1 }],
      problem: null,
    },
  ],
  created_at: CREATED_AT,
  ended_at: "2025-05-22T10:42:02Z",
};

export const AUDIT_DETAIL: z.output<typeof auditDetailSchema> = {
  ...AUDIT,
  differences: [
    {
      class: "instance_orphaned",
      region: "us-east-1",
      subject: IDS.server,
      account_id: ACCOUNT.id,
      detail: "an instance, running, without a row",
      first_seen_at: CREATED_AT,
      repair_after: "2025-05-22T11:42:00Z",
      outcome: "found",
      message: null,
    },
  ],
};

export const AUDIT_EVENT: z.output<typeof auditEventSchema> = {
  id: "aud_q3w6nt5xkz2hcm7jyb4rdvea",
  account_id: ACCOUNT.id,
  api_key_id: IDS.apiKey,
  request_id: "req_m2b3kv4l4cc2g3rxrsa2v72t",
  event: "audit.repair",
  resource: { type: "server", id: IDS.server },
  reason: "after the power cut",
  before: { class: "instance_orphaned", detail: "an instance, running, without a row" },
  after: { class: null, detail: "repaired" },
  created_at: CREATED_AT,
};

export const WORKER_BUILD: z.output<typeof workerBuildSchema> = {
  build_id: "2025.05.22-1",
  status: "ramping",
  percent: 0,
  workers: 2,
  first_seen_at: CREATED_AT,
  last_current_at: null,
};
