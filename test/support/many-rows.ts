/** So many accounts share the rows. */
const ACCOUNTS = 1_000;

/** A number as 24 characters of an id. */
const idOf = (n: string) => `translate(lpad((${n})::text, 24, 'a'), '0189', 'bcde')`;
const ID = idOf("n");
/** An account that has few of everything. */
export const ONE_ACCOUNT = `acc_${"a".repeat(23)}c`;
/** One row in 50 is the large account's, $1. To count much more of a table, reading all of it is the shorter way, and no fault. */
const ACCOUNT = `CASE WHEN n % 50 = 0 THEN $1 ELSE 'acc_' || ${idOf(`n % ${ACCOUNTS}`)} END`;
const CREATED = "now() - n * interval '1 second'";
const STATUS =
  "(ARRAY['active', 'active', 'active', 'active', 'active', 'suspended', 'provisioning', 'failed'])[1 + n % 8]";
const REGION = "(ARRAY['us-east-1', 'us-east-1', 'eu-west-2'])[1 + n % 3]";

/** One in twenty has failed; one in a hundred was cancelled. */
const ACTION_STATUS = "CASE WHEN n % 20 = 7 THEN 'failed' WHEN n % 100 = 3 THEN 'cancelled' ELSE 'succeeded' END";
const errorOf = (code: string, step: string) =>
  `'${JSON.stringify({ code, message: "why", step, retryable: true, leftovers: [] })}'::jsonb`;
const ACTION_ERROR = `CASE WHEN n % 20 = 7 THEN ${errorOf("infrastructure_error", "create_instance")}
  WHEN n % 100 = 3 THEN ${errorOf("cancelled", "wait_for_ssh")} END`;

/** As the store writes it. */
const RETRY_FILTER = JSON.stringify({
  ...{ actionId: null, step: null, errorCode: "boot_timeout", region: null, resourceKind: null, accountId: null },
  ...{ createdBefore: null, createdAfter: null },
});

/** What the tables that grow with use get, by table: a SELECT over the numbers `n`. */
const ROWS: Record<string, { columns: string; select: string }> = {
  accounts: {
    columns: "id, name, suspended_at",
    select: `'acc_' || ${ID}, 'account-' || n, CASE WHEN n % 50 = 0 THEN ${CREATED} END`,
  },
  servers: {
    columns:
      "id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, ssh_key_ids, labels, action_id, created_at",
    select: `'srv_' || ${ID}, ${ACCOUNT}, 'many-' || n, 'starter', ${REGION}, 'debian-12', 1, 512, 10, ${STATUS}, '{}',
      CASE WHEN n % 100 = 0 THEN '{"tier": "web"}'::jsonb ELSE '{}' END, 'act_' || ${ID}, ${CREATED}`,
  },
  databases: {
    columns:
      "id, account_id, name, plan, region, engine, major, version, implementation, vcpus, memory_mib, disk_gib, status, trusted_sources, action_id, created_at",
    select: `'db_' || ${ID}, ${ACCOUNT}, 'many-' || n, 'standard', ${REGION}, 'redis', '8', '8.0', 'Redis', 1, 512, 4, ${STATUS}, '{}', 'act_' || ${ID}, ${CREATED}`,
  },
  actions: {
    columns:
      "id, account_id, type, status, error, resource_type, resource_id, region, steps, request_id, created_at, started_at, ended_at",
    select: `'act_' || ${ID}, ${ACCOUNT}, 'create', ${ACTION_STATUS}, ${ACTION_ERROR}, 'server', 'srv_' || ${ID}, ${REGION}, '[]', 'req_' || ${ID}, ${CREATED}, ${CREATED}, ${CREATED}`,
  },
  ssh_keys: {
    columns: "id, account_id, name, public_key, fingerprint, created_at",
    select: `'key_' || ${ID}, ${ACCOUNT}, 'many-' || n, 'ssh-ed25519 AAAA', 'SHA256:' || n, ${CREATED}`,
  },
  server_ssh_keys: {
    columns: "server_id, ssh_key_id, public_key",
    select: `'srv_' || ${ID}, 'key_' || ${ID}, 'ssh-ed25519 AAAA'`,
  },
  api_keys: {
    columns: "id, account_id, name, hint, scopes, created_at",
    select: `'ak_' || ${ID}, ${ACCOUNT}, 'many-' || n, 'cn_live_sk_…', '{*}', ${CREATED}`,
  },
  api_key_tokens: { columns: "id, token_hash, api_key_id", select: `'tok_' || ${ID}, 'hash-' || n, 'ak_' || ${ID}` },
  ip_addresses: {
    columns: "region, position, address, resource_id",
    select: `${REGION}, 4000000000 + n, host('0.0.0.0'::inet + 4000000000 + n), 'srv_' || ${ID}`,
  },
  capacity_reservations: {
    columns: "resource_id, region, vcpus, memory_mib, disk_gib",
    select: `'srv_' || ${ID}, ${REGION}, 1, 512, 10`,
  },
  account_quotas: { columns: "account_id", select: `'acc_' || ${ID}` },
  quota_holds: {
    columns: "resource_id, account_id, servers, databases, vcpus, memory_mib, addresses",
    select: `'srv_' || ${ID}, ${ACCOUNT}, 1, 0, 1, 512, 1`,
  },
  idempotency_keys: {
    columns: "account_id, key, route, body_hash, resource_id, created_at",
    select: `${ACCOUNT}, 'key-' || n, 'POST /v1/servers', 'hash', 'srv_' || ${ID}, ${CREATED}`,
  },
  audit_events: {
    columns: "id, account_id, api_key_id, event, resource_type, resource_id, request_id",
    select: `'aud_' || ${ID}, ${ACCOUNT}, 'ak_' || ${ID}, 'credentials.read', 'database', 'db_' || ${ID}, 'req_' || ${ID}`,
  },
  audits: {
    columns: "id, repair, regions, classes, status, created_at",
    select: `'adt_' || ${ID}, false, '{us-east-1}', '{instance_missing}', 'succeeded', now() - n * interval '1 minute'`,
  },
  audit_differences: {
    columns: "audit_id, scope, class, subject, detail, first_seen_at, outcome",
    select: `'adt_' || ${ID}, 'us-east-1', 'instance_missing', 'srv_' || ${ID}, 'gone', now(), 'found'`,
  },
  audit_sightings: {
    columns: "class, subject, scope, audit_id, first_seen_at",
    select: `'instance_missing', 'srv_' || ${ID}, ${REGION}, 'adt_' || ${ID}, now()`,
  },
  retries: {
    columns:
      "id, account_id, api_key_id, request_id, reason, filter, per_minute, matched, status, created_at, ended_at",
    select: `'rty_' || ${ID}, '${ONE_ACCOUNT}', 'ak_' || ${ID}, 'req_1', 'again', '${RETRY_FILTER}', 60, 1, 'succeeded', ${CREATED}, ${CREATED}`,
  },
  retry_items: {
    columns: "retry_id, place, action_id, resource_type, resource_id, outcome",
    select: `'rty_' || ${ID}, 1, 'act_' || ${ID}, 'server', 'srv_' || ${ID}, 'started'`,
  },
  holds: {
    columns: "id, region, reason, account_id, api_key_id, created_at, released_at, opened_at",
    select: `'hld_' || ${ID}, ${REGION}, 'updates', '${ONE_ACCOUNT}', 'ak_' || ${ID}, ${CREATED}, ${CREATED}, ${CREATED}`,
  },
  gate_waits: {
    columns: "action_id, hold_id, step",
    select: `'act_' || ${ID}, 'hld_' || ${ID}, 'create_instance'`,
  },
  database_credentials: { columns: "database_id, username, password_box", select: `'db_' || ${ID}, 'app', 'box'` },
  certificate_authorities: {
    columns: "id, region, certificate, key_box, not_after",
    select: `'ca_' || ${ID}, 'region-' || n, 'pem', 'box', ${CREATED}`,
  },
  events: {
    columns: "account_id, type, resource_type, resource_id, action_id, data, created_at",
    select: `${ACCOUNT}, 'server.active', 'server', 'srv_' || ${ID}, 'act_' || ${ID}, '{}', ${CREATED}`,
  },
  database_certificates: {
    columns: "database_id, authority_id, certificate, key_box, not_after",
    select: `'db_' || ${ID}, 'ca_' || ${ID}, 'pem', 'box', ${CREATED}`,
  },
};

/** Tables that stay small whatever is used: they grow with the regions, with restores from a backup, or are only written where API processes count together. */
export const SMALL_TABLES = [
  "database_engine_offers",
  "log_counts",
  "rate_limit_points",
  "region_promises",
  "restores",
  "server_image_offers",
];

interface ManyRows {
  /** Of servers. The other tables get a fifth. */
  servers: number;
  /** Has one in 50 of the rows. */
  largeAccount: string;
}

/** Resources are counted after they were inserted, as the migration does it, and tell of no event: row by row it takes longer than the rows. */
const WITH_TRIGGERS = ["servers", "databases", "actions", "ssh_keys", "api_keys"];

function counts(kind: "server" | "database"): string {
  return `INSERT INTO resource_counts (account_id, kind, region, status, change)
    SELECT account_id, '${kind}', region, status, count(*) FROM ${kind}s GROUP BY account_id, region, status`;
}

/** The statements that fill the tables, and let the planner know; none may be in a transaction. Vacuumed, as a database that runs is: rows are counted in an index alone. */
export function manyRows({ servers, largeAccount }: ManyRows): { text: string; values: unknown[] }[] {
  const inserts = Object.entries(ROWS).map(([table, { columns, select }]) => {
    const rows = table === "servers" ? servers : servers / 5;
    const usesAccount = select.includes("$1");
    return {
      text: `INSERT INTO ${table} (${columns}) SELECT ${select} FROM generate_series(1, ${rows}) AS n`,
      values: usesAccount ? [largeAccount] : [],
    };
  });
  const plain = (text: string) => ({ text, values: [] });
  const triggers = (verb: string) => WITH_TRIGGERS.map((table) => plain(`ALTER TABLE ${table} ${verb} TRIGGER USER`));
  return [
    ...triggers("DISABLE"),
    ...inserts,
    ...triggers("ENABLE"),
    ...[plain(counts("server")), plain(counts("database")), plain("VACUUM ANALYZE")],
  ];
}
