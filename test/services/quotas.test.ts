import { afterEach, describe, expect, it } from "vitest";
import type { QuotaUsage } from "../../src/domain/quotas.ts";
import { aroundActivities, failAfter, failBefore } from "../support/activity-faults.ts";
import type { Answer } from "../support/api-client.ts";
import { actionOfEndedWorkflow } from "../support/ended-workflow.ts";
import { sampled, unlessSampled } from "../support/fault-sample.ts";
import { HeldActivity } from "../support/held-activity.ts";
import { newPublicKey } from "../support/ssh-keys.ts";
import { createWorld, type World, type WorldOptions } from "../support/world.ts";

let world: World;
afterEach(() => world.close());

const held = new HeldActivity();
let failing: Parameters<typeof aroundActivities>[0] = () => undefined;

async function begin(options: WorldOptions): Promise<void> {
  failing = () => undefined;
  world = await createWorld(options);
  await world.startWorker([aroundActivities((activity) => failing(activity)), held.interceptor]);
}

async function usage(): Promise<QuotaUsage> {
  return ((await world.api.get("/v1/account")).body.data as unknown as { quotas: QuotaUsage }).quotas;
}

/** What an account uses, as its rows have it: of everything that lives and has not failed. */
async function sums(): Promise<object> {
  const [row] = await world.sql(`
    SELECT count(*) FILTER (WHERE kind = 's')::int AS servers, count(*) FILTER (WHERE kind = 'd')::int AS databases,
      coalesce(sum(vcpus), 0)::int AS vcpus, coalesce(sum(memory_mib), 0)::int AS memory_mib, count(ipv4)::int AS addresses
    FROM (SELECT 's' AS kind, vcpus, memory_mib, ipv4 FROM servers WHERE deleted_at IS NULL AND status <> 'failed'
      UNION ALL SELECT 'd', vcpus, memory_mib, ipv4 FROM databases WHERE deleted_at IS NULL AND status <> 'failed') AS living`);
  return row as object;
}

async function used(): Promise<object> {
  const { api_keys: _, ssh_keys: __, ...ofResources } = await usage();
  return Object.fromEntries(Object.entries(ofResources).map(([quota, of]) => [quota, of.used]));
}

async function end({ body }: Answer): Promise<string> {
  return (await world.api.actionEnd(body.data.action_id)).status;
}

async function remove(path: string, id: string): Promise<void> {
  const { body } = await world.api.call("DELETE", `${path}/${id}`);
  expect((await world.api.actionEnd(body.data.id)).status).toBe("succeeded");
}

describe("a create beyond the account's quota", () => {
  it("is refused with what the limit is, what is used and what was asked, and leaves no row and no used key", async () => {
    await begin({ quotas: { servers: 1, memory_mib: 600 } });
    const first = await world.api.createServer("first");
    expect(await end(first)).toBe("succeeded");
    const headers = { "Idempotency-Key": "second" };
    const refused = await world.api.createServer("second", {}, headers);
    const details = [
      { field: "quotas.servers", issue: "limit 1, used 1, asked 1" },
      { field: "quotas.memory_mib", issue: "limit 600, used 512, asked 512" },
    ];
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "quota_exceeded", details } } });
    expect(refused.body.error.message).toContain("servers (limit 1, used 1, asked 1)");

    const dry = await world.api.call("POST", "/v1/servers?dry_run=true", {
      name: "second",
      plan: "starter",
      region: "us-east-1",
    });
    expect(dry).toMatchObject({ status: 403, body: { error: { code: "quota_exceeded", details } } });
    expect(await world.sql("SELECT name FROM servers")).toEqual([{ name: "first" }]);
    expect(await world.sql("SELECT key FROM idempotency_keys")).toEqual([]);

    await remove("/v1/servers", first.body.data.id);
    expect(await end(await world.api.createServer("second", {}, headers))).toBe("succeeded");
  });

  unlessSampled(() => {
    it("is refused for databases too, and for the retry of one that failed and whose place was taken", async () => {
      await begin({ quotas: { databases: 1 } });
      await world.enginesOffered();
      failing = (activity) => (activity === "verifyEngine" ? failBefore : undefined);
      const first = await world.api.createDatabase("first");
      expect(await end(first)).toBe("failed");
      failing = () => undefined;
      const second = await world.api.createDatabase("second");
      expect(await end(second)).toBe("succeeded");
      const exceeded = { status: 403, body: { error: { code: "quota_exceeded" } } };
      expect(await world.api.createDatabase("third")).toMatchObject(exceeded);
      expect(await world.api.actOnDatabase(first.body.data.id, "retry")).toMatchObject(exceeded);
      expect((await world.api.get(`/v1/databases/${first.body.data.id}`)).body.data.status).toBe("failed");

      await remove("/v1/databases", second.body.data.id);
      const retry = await world.api.actOnDatabase(first.body.data.id, "retry");
      expect((await world.api.actionEnd(retry.body.data.id)).status).toBe("succeeded");
      expect(await used()).toMatchObject({ databases: 1, addresses: 1 });
    });
  });
});

describe("what an account uses", () => {
  it("is what its living servers and databases take, after creates, failures, deletes and cancels", async () => {
    await begin({ addresses: 4 });
    await world.enginesOffered();
    const before = await used();
    const server = await world.api.createServer("stays", { plan: "pro" });
    const database = await world.api.createDatabase("stays");
    const goes = await world.api.createServer("goes");
    expect([await end(server), await end(database), await end(goes)]).toEqual(["succeeded", "succeeded", "succeeded"]);
    await remove("/v1/servers", goes.body.data.id);

    failing = (activity) => (activity === "startInstance" ? failAfter : undefined);
    const failed = await world.api.createServer("fails");
    expect(await end(failed)).toBe("failed");
    expect(await used()).toEqual(await sums());
    failing = () => undefined;
    await remove("/v1/servers", failed.body.data.id);

    held.hold("create_instance");
    const cancelled = await world.api.createServer("cancelled");
    await held.waitUntilHeld();
    expect(await used()).toEqual(await sums());
    const deletion = world.api.call("DELETE", `/v1/servers/${cancelled.body.data.id}`);
    held.stopHolding();
    expect((await world.api.actionEnd((await deletion).body.data.id)).status).toBe("succeeded");

    // The last addresses are gone between the check and the claim: some of these are withdrawn.
    const race = await Promise.all(Array.from({ length: 8 }, (_, index) => world.api.createServer(`race-${index}`)));
    for (const answer of race.filter(({ status }) => status === 201)) await end(answer);
    expect(race.map(({ status }) => status)).toContain(201);
    expect(await used()).toEqual(await sums());
    expect(await used()).not.toEqual(before);
    expect(await world.sql("SELECT count(*)::int AS holds FROM quota_holds")).toEqual([{ holds: 4 }]);
  });
});

describe("the retry of a server", () => {
  it("takes its quota anew, and is refused while another has it", async () => {
    await begin({ quotas: { servers: 1 } });
    failing = (activity) => (activity === "startInstance" ? failBefore : undefined);
    const first = await world.api.createServer("first");
    expect(await end(first)).toBe("failed");
    failing = () => undefined;
    const second = await world.api.createServer("second");
    expect(await end(second)).toBe("succeeded");
    const refused = await world.api.actOnServer(first.body.data.id, "retry");
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "quota_exceeded" } } });
    expect(refused.body.error.details).toEqual([{ field: "quotas.servers", issue: "limit 1, used 1, asked 1" }]);
    expect((await world.api.get(`/v1/servers/${first.body.data.id}`)).body.data).toMatchObject({ status: "failed" });

    await remove("/v1/servers", second.body.data.id);
    const retry = await world.api.actOnServer(first.body.data.id, "retry");
    expect((await world.api.actionEnd(retry.body.data.id)).status).toBe("succeeded");
    expect(await used()).toEqual(await sums());
    expect(await used()).toMatchObject({ servers: 1, addresses: 1 });
  });
});

describe("a resize", () => {
  const resize = (id: string, plan: string) => world.api.actOnServer(id, "resize", { plan });

  it("beyond the account's quota is refused with what it asks more, and nothing is begun", async () => {
    await begin({ quotas: { vcpus: 2, memory_mib: 2048 } });
    const created = (await world.api.createServer("one")).body.data;
    expect((await world.api.actionEnd(created.action_id)).status).toBe("succeeded");
    const other = await world.api.createServer("other");
    expect(await end(other)).toBe("succeeded");
    const refused = await resize(created.id, "pro");
    expect(refused).toMatchObject({ status: 403, body: { error: { code: "quota_exceeded" } } });
    expect(refused.body.error.details).toEqual([
      { field: "quotas.vcpus", issue: "limit 2, used 2, asked 1" },
      { field: "quotas.memory_mib", issue: "limit 2048, used 1024, asked 1536" },
    ]);
    const shown = (await world.api.get(`/v1/servers/${created.id}`)).body.data;
    expect(shown).toMatchObject({ plan: "starter", action_id: created.action_id });
    expect(await used()).toEqual(await sums());

    await remove("/v1/servers", other.body.data.id);
    expect((await world.api.actionEnd((await resize(created.id, "pro")).body.data.id)).status).toBe("succeeded");
    expect(await used()).toEqual(await sums());
    expect(await used()).toMatchObject({ vcpus: 2, memory_mib: 2048 });
  });

  unlessSampled(() => {
    it("to less gives it back at its end, not before, and takes it again when its answer was lost", async () => {
      await begin({ plans: { slow: { vcpus: 1, memory_mib: 4096, disk_gib: 40 } } });
      const created = (await world.api.createServer("one", { plan: "pro" })).body.data;
      expect((await world.api.actionEnd(created.action_id)).status).toBe("succeeded");
      const before = await used();
      failing = (activity) => (activity === "markResized" ? failAfter : undefined);
      const undone = (await resize(created.id, "slow")).body.data.id;
      const { status } = await actionOfEndedWorkflow(world, `resize-server/${created.id}/1`, undone);
      expect(status).toBe("failed");
      expect(await used()).toEqual(before);

      held.hold("resize_instance");
      failing = () => undefined;
      const action = await resize(created.id, "slow");
      await held.waitUntilHeld();
      expect(await used()).toMatchObject({ vcpus: 2, memory_mib: 4096 });
      held.stopHolding();
      held.release();
      expect((await world.api.actionEnd(action.body.data.id)).status).toBe("succeeded");
      expect(await used()).toMatchObject({ vcpus: 1, memory_mib: 4096 });
      expect(await used()).toEqual(await sums());
    });
  });

  it.each(sampled("resize", ["lookAtInstance", "claimCapacity", "resizeInstance", "markResized"]))(
    "has the larger of both sizes while it runs, and gives it back when %s fails",
    async (failed) => {
      await begin({});
      const created = (await world.api.createServer("one")).body.data;
      expect((await world.api.actionEnd(created.action_id)).status).toBe("succeeded");
      const before = await used();
      let meanwhile = {};
      failing = (activity) =>
        activity === failed
          ? async (...call) => {
              meanwhile = await used();
              return failAfter(...call);
            }
          : undefined;
      const actionId = (await resize(created.id, "pro")).body.data.id;
      const { status } = await actionOfEndedWorkflow(world, `resize-server/${created.id}/1`, actionId);
      expect(status).toBe("failed");
      expect(meanwhile).toMatchObject({ vcpus: 2, memory_mib: 2048 });
      expect(await used()).toEqual(before);
      expect(await used()).toEqual(await sums());
    },
  );
});

describe("GET /v1/account", () => {
  it("shows the account, its limits and what it uses, to any key of it", async () => {
    await begin({ quotas: { servers: 7, vcpus: 9 } });
    const server = await world.api.createServer("one", { plan: "pro" });
    expect(await end(server)).toBe("succeeded");
    const { status, body } = await world.api.get("/v1/account");
    expect([status, body.data.name]).toEqual([200, "default"]);
    expect(await usage()).toMatchObject({
      servers: { limit: 7, used: 1 },
      vcpus: { limit: 9, used: 2 },
      memory_mib: { used: 2048 },
      addresses: { used: 1 },
      databases: { used: 0 },
      api_keys: { used: 1 },
      ssh_keys: { used: 0 },
    });
  });
});

describe("keys beyond the account's quota", () => {
  it("are refused, of those at the same time too; revoked and removed ones don't count", async () => {
    await begin({ quotas: { api_keys: 3, ssh_keys: 2 } });
    const addSshKey = (name: string) => world.api.call("POST", "/v1/ssh_keys", { name, public_key: newPublicKey() });
    const addApiKey = (name: string) => world.api.call("POST", "/v1/api_keys", { name, scopes: ["servers:read"] });
    for (const [add, path] of [
      [addSshKey, "ssh_keys"],
      [addApiKey, "api_keys"],
    ] as const) {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => add(`key-${index}`)));
      const made = answers.filter(({ status }) => status === 201);
      expect(made, path).toHaveLength(2);
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        expect(answer).toMatchObject({ status: 403, body: { error: { code: "quota_exceeded" } } });
        expect(answer.body.error.details[0]?.field).toBe(`quotas.${path}`);
      }
      await world.api.call("DELETE", `/v1/${path}/${made[0]!.body.data.id}`);
      expect((await add("another")).status).toBe(201);
    }
  });
});
