import { newId } from "../../src/domain/ids.ts";
import type { ResourceKind } from "../../src/domain/resource.ts";
import type { ComputeDriver, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import type { World } from "./world.ts";

/** Resources that are put there without a request, rows and infrastructure as a create leaves them: for tests with many, or with what must never be. */

export const PLANTED_REGION = "us-east-1";
/** Enough for the simulator, which follows no order. */
const AT_ONCE = 16;
/** What a server and a database of the world's plans have, and hold. */
const SIZES: Record<ResourceKind, { vcpus: number; memoryMib: number; diskGib: number; promisedGib: number }> = {
  server: { vcpus: 1, memoryMib: 512, diskGib: 10, promisedGib: 10 },
  database: { vcpus: 1, memoryMib: 1024, diskGib: 20, promisedGib: 24 },
};
const DATABASE_ROOT_GIB = 4;

let addresses = 0;
/** No guest starts at an address that another one has, running or not. Those that never start share one. */
let guests = 0;
const IDLE_ADDRESS = "10.88.0.9";

interface PlantOptions {
  running?: boolean;
  /** Whether it will be started later. */
  starts?: boolean;
}

export interface Planter {
  accountId: string;
  driver: ComputeDriver;
  /** Healthy ones, stopped or running; their ids. */
  plant(kind: ResourceKind, count: number, options?: PlantOptions): Promise<string[]>;
  /** Rows alone. */
  plantRows(kind: ResourceKind, count: number, options?: PlantOptions): Promise<string[]>;
  plantInstance(id: string, kind: ResourceKind, options?: PlantOptions): Promise<void>;
  owner(id: string, kind: ResourceKind): Owner;
  close(): Promise<void>;
}

export const WAIT = { heartbeat: () => undefined, signal: new AbortController().signal };

export async function createPlanter(world: World): Promise<Planter> {
  const [account] = await world.sql<{ id: string }>("SELECT id FROM accounts WHERE name = 'default'");
  const accountId = account?.id ?? "";
  const options = world.config.infrastructures.find(({ region }) => region === PLANTED_REGION);
  if (!options) throw new Error(`there is no region ${PLANTED_REGION}`);
  const driver = createIncusDriver({ ...options, tls: null });
  const { fingerprint } = await driver.findImage("cloudnexus/debian-12");
  const owner = (id: string, kind: ResourceKind): Owner => ({ id, kind, accountId, region: PLANTED_REGION });

  const planter: Planter = {
    accountId,
    driver,
    owner,

    async plantRows(kind, count, { running = false } = {}) {
      const ids = Array.from({ length: count }, () => newId(kind));
      const first = 3_000_000_000 + addresses;
      addresses += count;
      const size = SIZES[kind];
      const values = [ids, accountId, PLANTED_REGION, running ? "running" : "stopped", first];
      await world.sql(ROWS[kind], values);
      await world.sql(
        `INSERT INTO ip_addresses (region, position, address, resource_id, allocated_at)
         SELECT $2, $3::bigint + n, host('0.0.0.0'::inet + $3::bigint + n), id, now() FROM unnest($1::text[]) WITH ORDINALITY AS u(id, n)`,
        [ids, PLANTED_REGION, first],
      );
      await world.sql(
        `INSERT INTO capacity_reservations (resource_id, region, vcpus, memory_mib, disk_gib) SELECT id, $2, $3, $4, $5 FROM unnest($1::text[]) AS u(id)`,
        [ids, PLANTED_REGION, size.vcpus, size.memoryMib, size.promisedGib],
      );
      const [servers, databases] = kind === "server" ? [1, 0] : [0, 1];
      await world.sql(
        `INSERT INTO quota_holds (resource_id, account_id, servers, databases, vcpus, memory_mib, addresses)
         SELECT id, $2, $3, $4, $5, $6, 1 FROM unnest($1::text[]) AS u(id)`,
        [ids, accountId, servers, databases, size.vcpus, size.memoryMib],
      );
      await world.sql(
        `UPDATE account_quotas SET servers_used = servers_used + $2::int, databases_used = databases_used + $3::int, vcpus_used = vcpus_used + $4::int,
           memory_mib_used = memory_mib_used + $5::int, addresses_used = addresses_used + $6::int WHERE account_id = $1`,
        [accountId, servers * count, databases * count, size.vcpus * count, size.memoryMib * count, count],
      );
      return ids;
    },

    async plantInstance(id, kind, { running = false, starts = false } = {}) {
      const { diskGib, ...size } = SIZES[kind];
      const of = owner(id, kind);
      if (kind === "database") await driver.createVolume({ owner: of, sizeGib: diskGib }, WAIT);
      await driver.createInstance(
        {
          owner: of,
          imageFingerprint: fingerprint,
          ipv4: running || starts ? `10.88.0.${10 + guests++}` : IDLE_ADDRESS,
          vcpus: size.vcpus,
          memoryMib: size.memoryMib,
          diskGib: kind === "server" ? diskGib : DATABASE_ROOT_GIB,
          userData: null,
          networkConfig: null,
          volume: kind === "database" ? { path: "/data" } : null,
        },
        WAIT,
      );
      if (running) await driver.startInstance(of, WAIT);
    },

    async plant(kind, count, options = {}) {
      const ids = await planter.plantRows(kind, count, options);
      await inParallel(ids, async (id) => {
        await planter.plantInstance(id, kind, options);
        if (kind === "database") await planter.driver.setAccessRules(owner(id, kind), RULES, WAIT);
      });
      return ids;
    },

    close: () => driver.close(),
  };
  return planter;
}

export const RULES = { ipv4: "10.88.0.5", port: 6379, sources: ["10.88.0.0/24"] };

export async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const one = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

const ROWS: Record<ResourceKind, string> = {
  server: `
    INSERT INTO servers (id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, power_state, ipv4, ssh_key_ids, action_id)
    SELECT id, $2, 'planted-' || replace(id, '_', '-'), 'starter', $3, 'debian-12', 1, 512, 10, 'active', $4, host('0.0.0.0'::inet + $5::bigint + n), '{}',
      'act_' || right(id, 24) FROM unnest($1::text[]) WITH ORDINALITY AS u(id, n)`,
  database: `
    INSERT INTO databases (id, account_id, name, plan, region, engine, major, version, implementation, vcpus, memory_mib, disk_gib, status, power_state, ipv4,
      trusted_sources, action_id)
    SELECT id, $2, 'planted-' || replace(id, '_', '-'), 'standard', $3, 'redis', '8', '8.0', 'Redis', 1, 1024, 20,
      CASE $4 WHEN 'running' THEN 'active' ELSE 'suspended' END, $4, host('0.0.0.0'::inet + $5::bigint + n), '{}', 'act_' || right(id, 24)
    FROM unnest($1::text[]) WITH ORDINALITY AS u(id, n)`,
};
