import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { at, eventually, type Folder, project, Simulator, temporaryFolder, text } from "./support.ts";

let folder: Folder;
let simulator: Simulator;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await simulator.stop();
  folder.remove();
});

const reachability = (address: string, port = 22) =>
  simulator.get(`/sim/v1/reachability?address=${address}&port=${port}`);

describe("reachability", () => {
  it("is there without --control, which the rest is not", async () => {
    simulator = await Simulator.start(folder, ["--speed", "instant"]);
    expect((await reachability("10.88.0.20")).body).toEqual({ reachable: false });
    const refused = [
      await simulator.call("POST", "/sim/v1/faults", { kind: "slow" }),
      await simulator.get("/sim/v1/faults"),
      await simulator.get("/sim/v1/requests"),
      await simulator.get("/sim/v1/snapshot"),
      await simulator.call("POST", "/sim/v1/reset"),
      await simulator.call("POST", "/sim/v1/planted-instance", { name: "cn-a" }),
    ];
    expect(refused.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404, 404]);
  });

  it("follows the power of the instance that holds the address", async () => {
    simulator = await Simulator.start(folder);
    await simulator.created("cn-a", { ipv4: "10.88.0.20" });
    expect((await reachability("10.88.0.20")).body).toEqual({ reachable: false });
    await simulator.started("cn-a");
    expect((await reachability("10.88.0.20")).body).toEqual({
      reachable: true,
      banner: "SSH-2.0-OpenSSH_9.2p1 CloudNexus-Sandbox",
    });
    expect((await reachability("10.88.0.20", 80)).body).toEqual({ reachable: false });
    expect((await reachability("10.88.0.21")).body).toEqual({ reachable: false });
    await simulator.ended(await simulator.setState("cn-a", "freeze"));
    expect((await reachability("10.88.0.20")).body).toEqual({ reachable: false });
  });

  it("comes with the end of the boot at the speed of the sandbox", async () => {
    simulator = await Simulator.start(folder, ["--speed", "sandbox"]);
    await simulator.created("cn-a", { ipv4: "10.88.0.20" });
    await simulator.started("cn-a");
    await eventually(async () => (await reachability("10.88.0.20")).body["banner"] !== undefined);
    const startedAt = Date.parse(text((await simulator.get(at("/cn-a/state"))).body["metadata"]?.["started_at"]));
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_000);
  });
});

describe("the control paths", () => {
  it("log what was asked, with what was answered", async () => {
    simulator = await Simulator.start(folder);
    await simulator.get(at("/cn-a"));
    await simulator.get("/1.0");
    const all = (await simulator.get("/sim/v1/requests")).body;
    expect(all).toMatchObject([
      { method: "GET", path: "/1.0/instances/cn-a", project, status: 404 },
      { method: "GET", path: "/1.0", project: "default", status: 200 },
    ]);
    expect((await simulator.get(`/sim/v1/requests?since=${Number(all[0]?.["seq"])}`)).body).toEqual([all[1]]);
    expect((await simulator.get("/sim/v1/requests?since=x")).status).toBe(400);
  });

  it("plant an instance of somebody else, running if asked", async () => {
    simulator = await Simulator.start(folder);
    const foreign = { name: "cn-a", project, config: { "user.owner": "them" }, ipv4: "10.88.0.20", running: true };
    expect((await simulator.call("POST", "/sim/v1/planted-instance", foreign)).status).toBe(200);
    expect((await simulator.call("POST", "/sim/v1/planted-instance", foreign)).status).toBe(409);
    expect((await simulator.get(at("/cn-a"))).body["metadata"]).toMatchObject({
      status: "Running",
      config: { "user.owner": "them" },
    });
    expect((await reachability("10.88.0.20")).body).toMatchObject({ reachable: true });
  });

  it("show everything there is in an order of its own and take it away", async () => {
    simulator = await Simulator.start(folder);
    await simulator.created("cn-b", { ipv4: "10.88.0.21" });
    await simulator.created("cn-a", { ipv4: "10.88.0.20" });
    expect((await simulator.get("/sim/v1/snapshot")).body).toMatchObject({
      instances: [{ name: "cn-a" }, { name: "cn-b" }],
      volumes: [{ name: "cn-a", type: "container" }, { name: "cn-b" }],
      leases: [{ address: "10.88.0.20", hostname: "cn-a" }, { address: "10.88.0.21" }],
    });
    await simulator.fault({ kind: "slow" });
    await simulator.reset();
    expect((await simulator.get("/sim/v1/snapshot")).body).toEqual({
      instances: [],
      volumes: [],
      leases: [],
      access_rules: [],
    });
    expect((await simulator.get("/sim/v1/faults")).body).toEqual([]);
    expect((await simulator.get("/sim/v1/requests")).body).toEqual([]);
  });
});
