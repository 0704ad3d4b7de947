import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ipAddressActivities } from "../../activities/ip-address.ts";
import { addressToNumber } from "../../src/domain/ipv4.ts";
import { createTestStore, query } from "../support/database.ts";
import { waitUntil } from "../support/wait.ts";

const REGION = "us-east-1";
let world: Awaited<ReturnType<typeof createTestStore>>;

beforeEach(async () => {
  world = await createTestStore();
});
afterEach(() => world.close());

function range(first: string, size: number) {
  const start = addressToNumber(first) ?? 0;
  return [{ first: start, last: start + size - 1 }];
}

const actionOf = (resourceId: string, region = REGION) => ({
  resourceKind: "server" as const,
  resourceId,
  region,
  actionId: `act_of_${resourceId}`,
});

/** A server that its create has. */
async function insertServer(id: string, region = REGION): Promise<void> {
  await query(
    world.databaseUrl,
    `INSERT INTO servers (id, account_id, name, plan, region, image, vcpus, memory_mib, disk_gib, status, ssh_key_ids, action_id)
     VALUES ($1, 'acc_a', $1, 'starter', $2, 'debian-12', 1, 512, 10, 'provisioning', '{}', 'act_of_' || $1) ON CONFLICT DO NOTHING`,
    [id, region],
  );
}

async function insertAction(resourceId: string): Promise<void> {
  const { actionId, region } = actionOf(resourceId);
  await world.store.actions.insert({
    id: actionId,
    accountId: "acc_a",
    type: "create",
    resourceKind: "server",
    resourceId,
    region,
    image: "debian-12",
    requestId: "req_a",
  });
}

/** As the first step of a create does. */
async function claim(resourceId: string, region = REGION): Promise<string | null> {
  await insertServer(resourceId, region);
  const action = actionOf(resourceId, region);
  const { ipv4 } = await world.store.ipAddresses.claim(action);
  return ipv4 ?? (await world.store.transaction(({ ipAddresses }) => ipAddresses.claimLast(action))).ipv4;
}

async function waitingStatements(): Promise<number> {
  const [row] = await query<{ waiting: number }>(
    world.databaseUrl,
    "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return row?.waiting ?? 0;
}

function signal(): [Promise<void>, () => void] {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return [promise, resolve];
}

describe("the address pool", () => {
  it("gives 64 clients that drain a pool of 40 exactly 40 addresses, each once", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 40));
    const claimed = await Promise.all(Array.from({ length: 64 }, (_, index) => claim(`srv_${index}`)));
    const given = claimed.filter((address) => address !== null);
    expect(given).toHaveLength(40);
    expect(new Set(given).size).toBe(40);
    expect(await world.store.ipAddresses.hasFree(REGION)).toBe(false);
  });

  it("says exhausted only after the claims that hold the last addresses have ended", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 1));
    const [rolledBack, rollBack] = signal();
    const [claimed, hasClaimed] = signal();
    await insertServer("srv_first");
    const first = world.store
      .transaction(async ({ ipAddresses }) => {
        await ipAddresses.claim(actionOf("srv_first"));
        hasClaimed();
        await rolledBack;
        throw new Error("roll back");
      })
      .catch(() => "rolled back");
    await claimed;
    const second = claim("srv_second");
    rollBack();
    expect(await first).toBe("rolled back");
    expect(await second).toBe("10.88.0.10");
  });

  it("lets many wait for the last addresses without waiting for each other", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 6));
    const [ended, end] = signal();
    const holders = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const [claimed, hasClaimed] = signal();
        await insertServer(`srv_holder_${index}`);
        const transaction = world.store
          .transaction(async ({ ipAddresses }) => {
            await ipAddresses.claim(actionOf(`srv_holder_${index}`));
            hasClaimed();
            await ended;
            if (index % 2 === 0) throw new Error("roll back");
          })
          .catch(() => undefined);
        await claimed;
        return { transaction };
      }),
    );
    const waiters = Array.from({ length: 10 }, (_, index) => claim(`srv_waiter_${index}`));
    await waitUntil("all of them wait", async () => (await waitingStatements()) === waiters.length);
    end();
    await Promise.all(holders.map(({ transaction }) => transaction));
    expect((await Promise.all(waiters)).filter((address) => address !== null)).toHaveLength(3);
  });

  it("gives a server the address it already has", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 100));
    const first = await claim("srv_a");
    expect(await claim("srv_a")).toBe(first);
  });

  it("gives one address to two claims for the same server", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 100));
    await insertServer("srv_a");
    const [mayEnd, end] = signal();
    const [claimed, hasClaimed] = signal();
    const first = world.store.transaction(async ({ ipAddresses }) => {
      const claim = await ipAddresses.claim(actionOf("srv_a"));
      hasClaimed();
      await mayEnd;
      return claim;
    });
    await claimed;
    const second = world.store.ipAddresses.claim(actionOf("srv_a"));
    await waitUntil("the second waits", async () => (await waitingStatements()) === 1);
    end();
    expect(await second).toEqual(await first);
    expect(await world.store.ipAddresses.claim(actionOf("srv_a"))).toEqual(await first);
  });

  it("gives an address ahead of a workflow that has not begun, which then finds it", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 100));
    await insertServer("srv_a");
    await insertAction("srv_a");
    const ahead = await world.store.ipAddresses.claimAhead(actionOf("srv_a"));
    expect(ahead).toMatchObject({ isOwner: true, ipv4: expect.stringMatching(/^10\.88\.0\./) });
    expect(await world.store.ipAddresses.claim(actionOf("srv_a"))).toEqual(ahead);
  });

  it("says with the first step that the workflow has begun, so that no address is claimed ahead of it any more", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 100));
    await insertServer("srv_a");
    await insertAction("srv_a");
    const input = { ...actionOf("srv_a"), accountId: "acc_a", requestId: "req_a" };
    const { allocateIpAddress, releaseIpAddress } = ipAddressActivities(world.store);
    await allocateIpAddress(input);
    await releaseIpAddress(input);
    expect(await world.store.ipAddresses.claimAhead(input)).toMatchObject({ isOwner: false, ipv4: null });
  });

  it("gives no address ahead of a workflow that begins meanwhile, and might be giving it back", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 100));
    await insertServer("srv_a");
    await insertAction("srv_a");
    const [mayEnd, end] = signal();
    const [begun, hasBegun] = signal();
    const firstStep = world.store.transaction(async ({ ipAddresses }) => {
      await ipAddresses.claim(actionOf("srv_a"));
      await ipAddresses.release("srv_a");
      hasBegun();
      await mayEnd;
    });
    await begun;
    const ahead = world.store.ipAddresses.claimAhead(actionOf("srv_a"));
    await waitUntil("the claim ahead waits", async () => (await waitingStatements()) === 1);
    end();
    await firstStep;
    expect(await ahead).toMatchObject({ isOwner: false, ipv4: null });
    expect(await query(world.databaseUrl, "SELECT 1 FROM ip_addresses WHERE resource_id IS NOT NULL")).toEqual([]);
  });

  it("tells the first step that somebody asked to cancel, and notes that the workflow has begun, also where it owns nothing", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 1));
    await insertAction("srv_a");
    const action = actionOf("srv_a");
    expect(await world.store.ipAddresses.claim(action)).toEqual({ isOwner: false, ipv4: null, isToCancel: false });
    await world.store.actions.requestCancel(action.actionId);
    expect(await world.store.ipAddresses.claim(action)).toEqual({ isOwner: false, ipv4: null, isToCancel: true });
    expect(await world.store.actions.listUnstarted(new Date(Date.now() + 60_000), 10)).toEqual([]);
  });

  it("gives a server that another action has none, and takes none", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 1));
    await insertServer("srv_a");
    const stranger = { ...actionOf("srv_a"), actionId: "act_other" };
    expect(await world.store.ipAddresses.claim(stranger)).toMatchObject({ isOwner: false, ipv4: null });
    expect(await claim("srv_b")).toBe("10.88.0.10");
    const [row] = await query(world.databaseUrl, "SELECT ipv4 FROM servers WHERE id = 'srv_b'");
    expect(row).toEqual({ ipv4: "10.88.0.10" });
  });

  it("wraps around, so that every address is found from any start", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 5));
    const given = [];
    for (let index = 0; index < 5; index++) given.push(await claim(`srv_${index}`));
    expect(given.sort()).toEqual(["10.88.0.10", "10.88.0.11", "10.88.0.12", "10.88.0.13", "10.88.0.14"]);
  });

  it("releases only what the server holds", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 2));
    await claim("srv_a");
    const kept = await claim("srv_b");
    await world.store.ipAddresses.release("srv_a");
    await world.store.ipAddresses.release("srv_a");
    await world.store.ipAddresses.release("srv_unknown");
    const held = await query(
      world.databaseUrl,
      "SELECT resource_id, address FROM ip_addresses WHERE resource_id IS NOT NULL",
    );
    expect(held).toEqual([{ resource_id: "srv_b", address: kept }]);
    expect(await claim("srv_c")).not.toBe(kept);
    expect(await claim("srv_d")).toBeNull();
  });

  it("keeps regions apart", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 1));
    await world.store.ipAddresses.load("eu-west-2", range("10.89.0.10", 1));
    expect(await claim("srv_a", "eu-west-2")).toBe("10.89.0.10");
    expect(await claim("srv_b", "eu-west-2")).toBeNull();
    expect(await world.store.ipAddresses.hasFree("eu-west-2")).toBe(false);
    expect(await world.store.ipAddresses.hasFree(REGION)).toBe(true);
    expect(await claim("srv_c")).toBe("10.88.0.10");
  });

  it("no longer offers an address that left the config, but leaves it to its server", async () => {
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 2));
    await claim("srv_a");
    await claim("srv_b");
    await world.store.ipAddresses.load(REGION, range("10.88.0.11", 1));
    await world.store.ipAddresses.release("srv_a");
    await world.store.ipAddresses.release("srv_b");
    expect(await claim("srv_c")).toBe("10.88.0.11");
    expect(await claim("srv_d")).toBeNull();
    await world.store.ipAddresses.load(REGION, range("10.88.0.10", 2));
    expect(await claim("srv_d")).toBe("10.88.0.10");
  });
});
