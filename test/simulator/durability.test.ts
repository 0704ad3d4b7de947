import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/platform/ports.ts";
import { at, type Exit, eventually, type Folder, launch, Simulator, temporaryFolder, text } from "./support.ts";

let folder: Folder;
const running: Simulator[] = [];
const launched: ReturnType<typeof launch>[] = [];

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.stop();
  for (const { child } of launched.splice(0)) child.kill("SIGKILL");
  folder.remove();
});

async function start(options?: string[]): Promise<Simulator> {
  const simulator = await Simulator.start(folder, options);
  running.push(simulator);
  return simulator;
}

/** A start that is expected to end by itself. */
async function refused(options?: string[]): Promise<Exit> {
  const attempt = launch(folder, options);
  launched.push(attempt);
  return attempt.exit;
}

describe("state", () => {
  it("is the same after a SIGKILL, its seeds planted once", async () => {
    const first = await start();
    await first.created("cn-a", { ipv4: "10.88.0.20" });
    await first.started("cn-a");
    await first.created("cn-b");
    await first.ended(await first.call("DELETE", at("/cn-b")));
    const before = (await first.get("/sim/v1/snapshot")).body;
    const networks = (await first.get("/1.0/networks?recursion=1")).body;
    await first.stop("SIGKILL");
    const second = await start();
    expect((await second.get("/sim/v1/snapshot")).body).toEqual(before);
    expect((await second.get("/1.0/networks?recursion=1")).body).toEqual(networks);
    expect((await second.get("/sim/v1/reachability?address=10.88.0.20")).body).toMatchObject({ reachable: true });
  });

  it("wins over seeds that say something else", async () => {
    await (await start()).stop();
    const second = await start(["--network", "br0=10.77.0.1/24"]);
    expect((await second.get("/1.0/networks/br0")).body["metadata"]).toMatchObject({
      config: { "ipv4.address": "10.88.0.1/24" },
    });
  });

  it("is without the instance whose making a SIGKILL cut short, and its operation is unknown", async () => {
    const first = await start(["--control", "--speed", "sandbox"]);
    const create = await first.create("cn-a");
    await first.stop("SIGKILL");
    const second = await start();
    expect(await second.get(text(create.body["operation"]))).toMatchObject({ status: 404 });
    expect((await second.get("/sim/v1/snapshot")).body).toMatchObject({ instances: [], volumes: [], leases: [] });
  });

  it("forgets a last commit that was cut off in the middle", async () => {
    const first = await start();
    await first.created("cn-a");
    await first.stop();
    appendFileSync(folder.state, '[["instances","region-1/cn-b",{"na');
    const second = await start();
    expect(await second.names()).toEqual(["cn-a"]);
  });

  it("is refused with one line when it is damaged elsewhere", async () => {
    writeFileSync(folder.state, "nonsense\n");
    const exit = await refused();
    expect(exit.code).toBe(1);
    expect(exit.stderr).toBe(
      `simulator: state file ${folder.state} is damaged at line 1: move it away to start empty\n`,
    );
  });

  it("holds only what is alive after a restart", async () => {
    const first = await start();
    for (const name of ["cn-a", "cn-b", "cn-c"]) {
      await first.created(name);
      await first.ended(await first.call("DELETE", at(`/${name}`)));
    }
    await first.stop();
    const second = await start();
    expect(await second.names()).toEqual([]);
    expect(readFileSync(folder.state, "utf8")).not.toContain("cn-a");
  });
});

describe("the socket", () => {
  it("of a killed simulator is replaced", async () => {
    await (await start()).stop("SIGKILL");
    expect(existsSync(folder.socket)).toBe(true);
    expect((await (await start()).get("/1.0")).status).toBe(200);
  });

  it("of a living one is left alone, and so is its state", async () => {
    const first = await start();
    const exit = await refused();
    expect(exit.code).toBe(1);
    expect(exit.stderr).toBe(
      `simulator: another server listens on ${folder.socket}: stop it or choose another --socket\n`,
    );
    await first.created("cn-a");
    expect(await first.names()).toEqual(["cn-a"]);
  });

  it("is no file of somebody else", async () => {
    writeFileSync(folder.socket, "mine");
    const exit = await refused();
    expect(exit).toMatchObject({
      code: 1,
      stderr: `simulator: ${folder.socket} is there and is no socket: choose another --socket\n`,
    });
    expect(readFileSync(folder.socket, "utf8")).toBe("mine");
  });
});

describe("a TCP address", () => {
  it("serves the same as the socket", async () => {
    const port = await freePort();
    const simulator = await start(["--control", "--listen", `127.0.0.1:${port}`]);
    const answer = await fetch(`http://127.0.0.1:${port}/1.0/networks`);
    expect(await answer.json()).toEqual((await simulator.get("/1.0/networks")).body);
  });

  it("that is taken ends the start with one line and leaves no socket", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const port = (holder.address() as AddressInfo).port;
    const exit = await refused(["--listen", `127.0.0.1:${port}`]);
    holder.close();
    expect(exit).toMatchObject({
      code: 1,
      stderr: `simulator: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    });
    expect(existsSync(folder.socket)).toBe(false);
  });
});

describe("ending", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("on %s is clean, with a request still waiting", async (signal) => {
    const simulator = await start();
    await simulator.fault({ kind: "hold_before", match: { path: "/1.0" } });
    const waiting = simulator.get("/1.0").catch((error: unknown) => error);
    await eventually(async () => Number((await simulator.get("/sim/v1/faults")).body[0]?.["held"]) === 1);
    expect(await simulator.stop(signal)).toMatchObject({ code: 0, stderr: "" });
    expect(await waiting).toBeInstanceOf(Error);
    expect(existsSync(folder.socket)).toBe(false);
  });
});

describe("wrong options", () => {
  it.each([
    [["--speed", "warp"], "--speed warp is unknown: use sandbox or instant"],
    [["--network", "br1"], "--network br1 is not NAME=CIDR: write it as in --network br0=10.88.0.1/24"],
    [["--listen", "here"], "--listen here is not HOST:PORT"],
    [["--wait-style", "none"], "--wait-style none is unknown: use error or operation"],
  ])("%j end it with one line", async (options, line) => {
    expect(await refused(options)).toMatchObject({ code: 1, stderr: `simulator: ${line}\n` });
  });
});
