import type pg from "pg";

export const SERVERS = 1_000_000;
export const ACCOUNTS = 1_000;
/** Of the account that is measured: one server in so many. */
const LARGE_ACCOUNT_SHARE = 50;

/** Gives the database a million servers of a thousand accounts, a fiftieth of them to one, made at the same time as all others' and so spread over the whole table. */
export async function fillWithServers(client: pg.Client, largeAccount: string): Promise<void> {
  // The triggers would count and tell row by row, which takes longer than the rows. The statement after it counts them as the migration did.
  await client.query("ALTER TABLE servers DISABLE TRIGGER USER");
  // 999 has no factor in common with the large account's share: each of the others has some.
  await client.query(
    `INSERT INTO servers (id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, power_state, ipv4, ssh_key_ids, labels, action_id, created_at)
     SELECT 'srv_' || id, CASE WHEN n % $2 = 0 THEN $3 ELSE 'acc_' || n % ($4 - 1) END, 'server-' || n, 'starter', (ARRAY['us-east-1', 'eu-west-2', 'us-west-2'])[1 + n % 3],
       'debian-12', 1, 512, 10, CASE WHEN n % 1000 = 500 THEN 'suspended' ELSE 'active' END, 'running', '10.88.16.1', '{}',
       CASE WHEN n % 500 = 0 THEN '{"tier": "web"}'::jsonb ELSE '{}' END, 'act_' || id, now() - n * interval '1 second'
     FROM (SELECT n, translate(lpad(n::text, 24, 'a'), '0189', 'bcde') AS id FROM generate_series(1, $1::int) AS n) AS numbers`,
    [SERVERS, LARGE_ACCOUNT_SHARE, largeAccount, ACCOUNTS],
  );
  await client.query(
    `INSERT INTO resource_counts (account_id, kind, region, status, change)
     SELECT account_id, 'server', region, status, count(*) FROM servers GROUP BY account_id, region, status`,
  );
  await client.query("ALTER TABLE servers ENABLE TRIGGER USER");
  await client.query("VACUUM ANALYZE");
}
