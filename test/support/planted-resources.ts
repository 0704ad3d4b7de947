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

/** On the region's network, beyond the addresses that its pool gives to those who ask. */
const FIRST_ADDRESS = { octets: "10.88", number: 64 * 256 };
let addresses = 0;

interface PlantOptions {
  running?: boolean;
}

interface InstanceOptions extends PlantOptions {
  /** Of a database: whether it has its data volume; it has, unless it is told otherwise. */
  volume?: boolean;
}

export interface Planter {
  accountId: string;
  driver: ComputeDriver;
  /** Healthy ones, stopped or running; their ids. */
  plant(kind: ResourceKind, count: number, options?: PlantOptions): Promise<string[]>;
  /** Rows alone. */
  plantRows(kind: ResourceKind, count: number, options?: PlantOptions): Promise<string[]>;
  /** Counts so many more against the account's quota, or less. */
  use(kind: ResourceKind, count: number): Promise<void>;
  /** With the address of its rows, if it has any. */
  plantInstance(id: string, kind: ResourceKind, options?: InstanceOptions): Promise<void>;
  /** A database's. */
  plantVolume(id: string): Promise<void>;
  /** What a database of that address should have on the network. */
  plantRules(id: string): Promise<void>;
  /** The one that it has or will have, nobody else's. */
  addressOf(id: string): string;
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

  const addressById = new Map<string, string>();
  const addressOf = (id: string) => {
    const known = addressById.get(id) ?? newAddress();
    addressById.set(id, known);
    return known;
  };

  const planter: Planter = {
    accountId,
    driver,
    owner,
    addressOf,

    async plantRows(kind, count, { running = false } = {}) {
      const ids = Array.from({ length: count }, () => newId(kind));
      const held = ids.map(addressOf);
      const size = SIZES[kind];
      await world.sql(ROWS[kind], [ids, accountId, PLANTED_REGION, running ? "running" : "stopped", held]);
      await world.sql(
        `INSERT INTO ip_addresses (region, position, address, offered, resource_id, allocated_at)
         SELECT $3, address::inet - '0.0.0.0'::inet, address, false, id, now() FROM unnest($1::text[], $2::text[]) AS u(id, address)`,
        [ids, held, PLANTED_REGION],
      );
      if (kind === "database") for (const statement of LOGINS) await world.sql(statement, [ids]);
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
      await planter.use(kind, count);
      return ids;
    },

    async use(kind, count) {
      const { vcpus, memoryMib } = SIZES[kind];
      const [servers, databases] = kind === "server" ? [1, 0] : [0, 1];
      await world.sql(
        `UPDATE account_quotas SET servers_used = servers_used + $2::int, databases_used = databases_used + $3::int, vcpus_used = vcpus_used + $4::int,
           memory_mib_used = memory_mib_used + $5::int, addresses_used = addresses_used + $6::int WHERE account_id = $1`,
        [accountId, servers * count, databases * count, vcpus * count, memoryMib * count, count],
      );
    },

    async plantInstance(id, kind, { running = false, volume = kind === "database" } = {}) {
      const { diskGib, ...size } = SIZES[kind];
      const of = owner(id, kind);
      if (volume) await planter.plantVolume(id);
      await driver.createInstance(
        {
          owner: of,
          imageFingerprint: fingerprint,
          ipv4: addressOf(id),
          vcpus: size.vcpus,
          memoryMib: size.memoryMib,
          diskGib: kind === "server" ? diskGib : DATABASE_ROOT_GIB,
          userData: null,
          networkConfig: null,
          volume: volume ? { path: "/data" } : null,
        },
        WAIT,
      );
      if (running) await driver.startInstance(of, WAIT);
    },

    async plant(kind, count, options = {}) {
      const ids = await planter.plantRows(kind, count, options);
      await inParallel(ids, async (id) => {
        await planter.plantInstance(id, kind, options);
        if (kind === "database") await planter.plantRules(id);
      });
      return ids;
    },

    async plantVolume(id) {
      await driver.createVolume({ owner: owner(id, "database"), sizeGib: SIZES.database.diskGib }, WAIT);
    },

    async plantRules(id) {
      await driver.setAccessRules(owner(id, "database"), { ...RULES, ipv4: addressOf(id) }, WAIT);
    },

    close: () => driver.close(),
  };
  return planter;
}

/** Of a database of Redis that everybody on the region's network may reach, and its gateway. */
export const RULES = { port: 6379, sources: ["10.88.0.0/16", "10.88.0.1/32"] };

export function newAddress(): string {
  const number = FIRST_ADDRESS.number + addresses++;
  return `${FIRST_ADDRESS.octets}.${number >> 8}.${number & 255}`;
}

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
    SELECT id, $2, 'planted-' || replace(id, '_', '-'), 'starter', $3, 'debian-12', 1, 512, 10, 'active', $4, address, '{}',
      'act_' || right(id, 24) FROM unnest($1::text[], $5::text[]) AS u(id, address)`,
  database: `
    INSERT INTO databases (id, account_id, name, plan, region, engine, major, version, implementation, vcpus, memory_mib, disk_gib, status, power_state, ipv4,
      trusted_sources, action_id)
    SELECT id, $2, 'planted-' || replace(id, '_', '-'), 'standard', $3, 'redis', '8', '8.0', 'Redis', 1, 1024, 20,
      CASE $4 WHEN 'running' THEN 'active' ELSE 'suspended' END, $4, address, '{}', 'act_' || right(id, 24)
    FROM unnest($1::text[], $5::text[]) AS u(id, address)`,
};

/** Audits look whether they are there; nobody opens these. */
const LOGINS = [
  "INSERT INTO database_credentials (database_id, username, password_box) SELECT id, 'app', 'box' FROM unnest($1::text[]) AS u(id)",
  `INSERT INTO database_certificates (database_id, authority_id, certificate, key_box, not_after)
   SELECT id, 'ca', 'pem', 'box', now() + interval '5 years' FROM unnest($1::text[]) AS u(id)`,
];
