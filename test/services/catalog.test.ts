import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../support/wait.ts";
import { createWorld, type World } from "../support/world.ts";

interface Offer {
  slug: string;
  regions: string[];
}

let world: World;
beforeAll(async () => {
  world = await createWorld({ addresses: 1, capacity: { vcpus: 4, memory_mib: 1024, disk_gib: 100 } });
  await world.startWorker();
  await world.enginesOffered();
});
afterAll(() => world.close());

async function offers(path: string): Promise<Offer[]> {
  return (await world.api.list(path)) as unknown as Offer[];
}

async function rows(): Promise<unknown> {
  return world.sql(
    `SELECT (SELECT count(*) FROM servers) AS servers, (SELECT count(*) FROM databases) AS databases, (SELECT count(*) FROM actions) AS actions,
      (SELECT count(*) FROM idempotency_keys) AS keys, (SELECT count(*) FROM capacity_reservations) AS shares,
      (SELECT count(*) FROM ip_addresses WHERE resource_id IS NOT NULL) AS held`,
  );
}

describe("the catalogue", () => {
  it("shows of every region what it really has, and the plans that fit into it", async () => {
    const [east] = (await world.api.list("/v1/regions")) as unknown as Record<string, unknown>[];
    expect(east).toMatchObject({
      slug: "us-east-1",
      has_free_address: true,
      images: ["ubuntu-22.04", "debian-12"],
      default_image: "ubuntu-22.04",
      plans: ["starter", "standard"],
    });
    expect(east!["database_engines"]).toContainEqual({ engine: "postgresql", version: expect.any(String) });
  });

  it("shows where there is room for a plan, and its price or that there is none", async () => {
    const plans = await offers("/v1/plans");
    expect(plans.map(({ slug, regions }) => [slug, regions])).toEqual([
      ["starter", ["us-east-1", "eu-west-2"]],
      ["pro", []],
      ["standard", ["us-east-1", "eu-west-2"]],
    ]);
    expect(plans[0]).toMatchObject({ kinds: ["server"], vcpus: 1, memory_mib: 512, disk_gib: 10, price: null });
  });

  it("shows where an image is", async () => {
    expect((await offers("/v1/images"))[1]).toEqual({
      slug: "debian-12",
      name: "Debian 12",
      regions: ["us-east-1", "eu-west-2"],
      default_in: [],
    });
  });

  it("does not offer what a region lost", async () => {
    await world.sql("DELETE FROM server_image_offers WHERE region = 'eu-west-2'");
    await world.sql("DELETE FROM database_engine_offers WHERE region = 'eu-west-2'");
    const [, west] = (await world.api.list("/v1/regions")) as unknown as Record<string, unknown>[];
    expect(west).toMatchObject({ images: [], default_image: null, database_engines: [], plans: [] });
    expect((await offers("/v1/images"))[0]).toMatchObject({ regions: ["us-east-1"], default_in: ["us-east-1"] });
  });
});

describe("a dry run", () => {
  it("answers what would be made, and leaves no row and no workflow", async () => {
    const before = await rows();
    const body = { name: "dry", plan: "starter", region: "us-east-1" };
    const headers = { "idempotency-key": "dry-run-1" };
    const server = await world.api.call("POST", "/v1/servers?dry_run=true", body, headers);
    expect(server).toMatchObject({ status: 200, body: { data: { dry_run: true, image: "ubuntu-22.04", vcpus: 1 } } });
    const database = { name: "dry", engine: "postgresql", version: "15", plan: "standard", region: "us-east-1" };
    const preview = await world.api.call("POST", "/v1/databases?dry_run=true", database, headers);
    expect(preview).toMatchObject({ status: 200, body: { data: { dry_run: true, implementation: "PostgreSQL" } } });
    expect(await rows()).toEqual(before);
    // The key was not used up by it.
    expect((await world.api.createServer("dry", {}, headers)).status).toBe(201);
  });

  it("refuses a name that is taken, and a region without room, which the create would only find out later", async () => {
    const [server] = await world.api.list("/v1/servers?name=dry");
    await world.api.actionEnd(server!.action_id);
    const dry = (change: object) =>
      world.api.call("POST", "/v1/servers?dry_run=true", {
        name: "next",
        plan: "starter",
        region: "us-east-1",
        ...change,
      });
    expect(await dry({ name: "dry" })).toMatchObject({ status: 409, body: { error: { code: "name_taken" } } });
    expect(await dry({})).toMatchObject({ status: 503, body: { error: { code: "no_capacity" } } });
    expect(await dry({ region: "eu-west-2", plan: "pro" })).toMatchObject({ status: 503 });
    expect((await dry({ region: "eu-west-2" })).status).toBe(200);
  });

  it("and the catalogue says the same", async () => {
    const [east] = (await world.api.list("/v1/regions")) as unknown as Record<string, unknown>[];
    expect(east).toMatchObject({ has_free_address: false, plans: [] });
    const [server] = await world.api.list("/v1/servers?name=dry");
    await world.api.actionEnd((await world.api.deleteServer(server!.id)).body.data.id);
    await waitUntil("there is room again", async () => {
      const plans = await offers("/v1/plans");
      return plans[0]!.regions.includes("us-east-1");
    });
  });
});
