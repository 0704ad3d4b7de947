import { afterEach, describe, expect, it } from "vitest";
import { slate } from "../support/clean-slate.ts";
import { unlessSampled } from "../support/fault-sample.ts";
import { actOnServerAndWait, makeServer, shownServer } from "../support/server-actions.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
afterEach(() => world.close());

unlessSampled(() => {
  describe("a region with few addresses", () => {
    it("gives 64 clients exactly the addresses it has, and the rest a 503 of which nothing is left", async () => {
      world = await createWorld({ addresses: 12 });
      await world.startWorker();
      const answers = await Promise.all(
        Array.from({ length: 64 }, (_, index) => world.api.createServer(`drain-${index}`)),
      );
      const accepted = answers.filter((answer) => answer.status === 201);
      const refused = answers.filter((answer) => answer.status !== 201);
      for (const answer of refused) {
        expect(answer).toMatchObject({ status: 503, body: { error: { code: "no_capacity" } } });
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      // A machine that is too slow to answer with the address within 3 s accepts the request; then its action tells that there was none.
      for (const answer of accepted) {
        const action = await world.api.actionEnd(answer.body.data.action_id);
        if (action.status === "failed") expect(action.error?.code).toBe("no_capacity");
      }
      const servers = await world.api.list("/v1/servers?per_page=100&status=active");
      expect(servers).toHaveLength(12);
      expect(new Set(servers.map((server) => server.ipv4)).size).toBe(12);
      expect(await world.api.list("/v1/servers?per_page=100")).toHaveLength(accepted.length);
      expect((await slate(world)).addresses).toHaveLength(12);

      const freed = servers[0]!;
      await world.api.actionEnd((await world.api.deleteServer(freed.id)).body.data.id);
      const next = await world.api.createServer("the-next");
      expect(next.body.data.ipv4).toBe(freed.ipv4);
    });
  });
});

describe("a region that has promised all it has", () => {
  it("fails the create with no_capacity and gives the address back", async () => {
    world = await createWorld({ capacity: { vcpus: 64, memory_mib: 1000, disk_gib: 400 } });
    await world.startWorker();
    const fits = await world.api.createServer("fits");
    expect((await world.api.actionEnd(fits.body.data.action_id)).status).toBe("succeeded");
    const before = await slate(world);
    const tooMuch = await world.api.createServer("too-much");
    const action = await world.api.actionEnd(tooMuch.body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: "no_capacity", step: "reserve_capacity" } });
    expect(await slate(world)).toEqual(before);
  });

  unlessSampled(() => {
    it("fails a resize that does not fit, and promises the new size to one that does", async () => {
      world = await createWorld({ capacity: { vcpus: 64, memory_mib: 2559, disk_gib: 400 } });
      await world.startWorker();
      const [first, second] = [await makeServer(world, "grows"), await makeServer(world, "stays")];
      const before = await slate(world);
      const tooMuch = (await world.api.actOnServer(first, "resize", { plan: "pro" })).body.data;
      const action = await world.api.actionEnd(tooMuch.id);
      expect(action).toMatchObject({ status: "failed", error: { code: "no_capacity", step: "claim_capacity" } });
      expect(await slate(world)).toEqual(before);
      expect(await shownServer(world, first)).toMatchObject({ plan: "starter", status: "active" });

      await world.api.actionEnd((await world.api.deleteServer(second)).body.data.id);
      await actOnServerAndWait(world, first, "resize", { plan: "pro" });
      const another = await world.api.createServer("does-not");
      expect((await world.api.actionEnd(another.body.data.action_id)).error?.code).toBe("no_capacity");
    });
  });
});

describe("a region with room for a database's plan, and none for the engine's own disk", () => {
  it("says so in the catalogue, to a dry run and to a create", async () => {
    // The plan takes 20 GiB, all that there is; the engine's root disk comes on top.
    world = await createWorld({ capacity: { vcpus: 8, memory_mib: 8192, disk_gib: 20 } });
    await world.startWorker();
    await world.enginesOffered();
    const [region] = (await world.api.list("/v1/regions")) as unknown as { plans: string[] }[];
    expect(region?.plans).toEqual(["starter"]);
    const request = { name: "large", engine: "postgresql", plan: "standard", region: "us-east-1" };
    const dry = await world.api.call("POST", "/v1/databases?dry_run=true", request);
    expect(dry).toMatchObject({ status: 503, body: { error: { code: "no_capacity" } } });
    const database = await world.api.createDatabase("large");
    const action = await world.api.actionEnd(database.body.data.action_id);
    expect(action).toMatchObject({ status: "failed", error: { code: "no_capacity", step: "reserve_capacity" } });
  });
});
