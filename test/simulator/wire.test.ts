import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { alias, at, project, Simulator, temporaryFolder, text } from "./support.ts";

const folder = temporaryFolder();
let simulator: Simulator;

beforeAll(async () => {
  simulator = await Simulator.start(folder);
});
beforeEach(async () => {
  await simulator.reset();
});
afterAll(async () => {
  await simulator.stop();
  folder.remove();
});

const emptyError = { type: "error", status: "", status_code: 0, operation: "", metadata: null };

describe("the server", () => {
  it("says who it is in Incus's envelope", async () => {
    const { status, body } = await simulator.get("/1.0");
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: "sync", status: "Success", status_code: 200, error_code: 0, error: "" });
    expect(body["metadata"]).toMatchObject({
      auth: "trusted",
      config: {},
      environment: { server_version: "6.0.4-simulator" },
    });
  });

  it("answers 404 for a path and 501 for a method that Incus lacks", async () => {
    expect(await simulator.get("/1.0/nope")).toMatchObject({
      status: 404,
      body: { ...emptyError, error_code: 404, error: "not found" },
    });
    expect(await simulator.call("PATCH", "/1.0/instances")).toMatchObject({
      status: 501,
      body: { error: "not implemented" },
    });
  });

  it("counts the memory of running instances as used", async () => {
    const before = (await simulator.get("/1.0/resources")).body["metadata"];
    await simulator.created("cn-a", { config: { "limits.memory": "1GiB" } });
    await simulator.started("cn-a");
    const after = (await simulator.get("/1.0/resources")).body["metadata"];
    expect(before?.["cpu"]?.["total"]).toBeGreaterThan(0);
    expect(Number(after?.["memory"]?.["used"]) - Number(before?.["memory"]?.["used"])).toBe(1_024 ** 3);
  });
});

describe("images", () => {
  it("are found by an alias with an escaped or a plain slash, from a project without images of its own", async () => {
    const escaped = await simulator.get(`/1.0/images/aliases/${encodeURIComponent(alias)}?project=${project}`);
    const plain = await simulator.get(`/1.0/images/aliases/${alias}`);
    expect(escaped.body["metadata"]).toMatchObject({
      name: alias,
      type: "container",
      target: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(plain.body).toEqual(escaped.body);
  });

  it("are found by the start of their fingerprint", async () => {
    const fingerprint = text((await simulator.get(`/1.0/images/aliases/${alias}`)).body["metadata"]?.["target"]);
    const found = await simulator.get(`/1.0/images/${fingerprint.slice(0, 12)}`);
    expect(found.body["metadata"]).toMatchObject({ fingerprint, aliases: [{ name: alias }] });
    expect((await simulator.get("/1.0/images?recursion=1")).body["metadata"]).toEqual([found.body["metadata"]]);
    expect((await simulator.get("/1.0/images")).body["metadata"]).toEqual([`/1.0/images/${fingerprint}`]);
  });

  it("are told missing as Incus does", async () => {
    expect(await simulator.get("/1.0/images/aliases/no%2Fsuch")).toMatchObject({
      status: 404,
      body: { error: "Image alias not found" },
    });
    expect(await simulator.get("/1.0/images/ffff")).toMatchObject({
      status: 404,
      body: { error: 'Image "ffff" not found' },
    });
  });

  it("of the default project are not seen from a project that has its own", async () => {
    await simulator.call("POST", "/1.0/projects", { name: "own-images", config: { "features.images": "true" } });
    expect((await simulator.get("/1.0/images?project=own-images")).body["metadata"]).toEqual([]);
  });
});

describe("projects, networks and pools", () => {
  it("are made once and then a conflict", async () => {
    const draft = { name: "twice", driver: "btrfs" };
    expect((await simulator.call("POST", "/1.0/projects", { name: "twice" })).status).toBe(201);
    expect(await simulator.call("POST", "/1.0/projects", { name: "twice" })).toMatchObject({ status: 500 });
    expect((await simulator.call("POST", "/1.0/networks", { name: "twice" })).status).toBe(201);
    expect(await simulator.call("POST", "/1.0/networks", { name: "twice" })).toMatchObject({
      body: { error: 'Network "twice" already exists' },
    });
    expect((await simulator.call("POST", "/1.0/storage-pools", draft)).headers["location"]).toBe(
      "/1.0/storage-pools/twice",
    );
    expect(await simulator.call("POST", "/1.0/storage-pools", draft)).toMatchObject({ status: 409 });
  });

  it("are described by name, or 404", async () => {
    expect((await simulator.get(`/1.0/projects/${project}`)).body["metadata"]).toMatchObject({
      config: { "features.images": "false" },
    });
    expect((await simulator.get("/1.0/networks/br0")).body["metadata"]).toMatchObject({
      managed: true,
      config: { "ipv4.address": "10.88.0.1/24" },
    });
    expect((await simulator.get("/1.0/storage-pools/cloudnexus")).body["metadata"]).toMatchObject({
      driver: "btrfs",
      status: "Created",
    });
    for (const kind of ["projects", "networks", "storage-pools"])
      expect((await simulator.get(`/1.0/${kind}/nope`)).status).toBe(404);
  });

  it("name what uses them", async () => {
    await simulator.created("cn-a");
    for (const path of [`projects/${project}`, "networks/br0", "storage-pools/cloudnexus"]) {
      expect((await simulator.get(`/1.0/${path}`)).body["metadata"]?.["used_by"]).toContain(at("/cn-a"));
    }
  });
});

describe("volumes", () => {
  const volumes = "/1.0/storage-pools/cloudnexus/volumes";

  it("of instances come and go with them and cannot be deleted by hand", async () => {
    await simulator.created("cn-a");
    const root = `${volumes}/container/cn-a?project=${project}`;
    expect((await simulator.get(`${volumes}?project=${project}`)).body["metadata"]).toEqual([root]);
    expect(await simulator.call("DELETE", root)).toMatchObject({ status: 400 });
    await simulator.ended(await simulator.call("DELETE", at("/cn-a")));
    expect(await simulator.get(root)).toMatchObject({ status: 404, body: { error: "Storage pool volume not found" } });
  });

  it("of their own are made, listed and deleted", async () => {
    const one = `${volumes}/custom/backup?project=${project}`;
    expect((await simulator.call("POST", `${volumes}/custom?project=${project}`, { name: "backup" })).status).toBe(200);
    expect(
      (await simulator.call("POST", `${volumes}?project=${project}`, { name: "backup", type: "custom" })).status,
    ).toBe(409);
    expect((await simulator.get(`${volumes}/custom?project=${project}&recursion=1`)).body["metadata"]).toMatchObject([
      { name: "backup" },
    ]);
    expect((await simulator.get(`${volumes}/custom`)).body["metadata"]).toEqual([]);
    expect((await simulator.call("DELETE", one)).status).toBe(200);
    expect((await simulator.call("DELETE", one)).status).toBe(404);
  });

  it("are counted in the pool's space", async () => {
    const used = async () =>
      Number((await simulator.get("/1.0/storage-pools/cloudnexus/resources")).body["metadata"]?.["space"]?.["used"]);
    const before = await used();
    await simulator.created("cn-a");
    expect(await used()).toBeGreaterThan(before);
  });
});

describe("leases", () => {
  it("are the static addresses of a project's instances, with the gateway in the default project only", async () => {
    await simulator.created("cn-a", { ipv4: "10.88.0.20" });
    const own = (await simulator.get(`/1.0/networks/br0/leases?project=${project}`)).body["metadata"];
    expect(own).toMatchObject([{ hostname: "cn-a", address: "10.88.0.20", type: "static" }]);
    const shared = (await simulator.get("/1.0/networks/br0/leases")).body["metadata"];
    expect(shared).toMatchObject([{ hostname: "br0.gw", address: "10.88.0.1", type: "gateway" }]);
  });
});
