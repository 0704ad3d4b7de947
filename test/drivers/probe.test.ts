import { getEventListeners } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { createSandboxProbe } from "../../src/drivers/probe/sandbox-probe.ts";
import { createTcpProbe } from "../../src/drivers/probe/tcp-probe.ts";
import { failure } from "./contract.ts";
import { startSimulatedRegion } from "./simulated-region.ts";
import { recordedWait } from "./waits.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(greeting: string | null, port = 0): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (greeting !== null) socket.write(greeting);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function attempts(onAttempt: (attempt: number, before: string | null) => void = () => undefined, timeoutMs = 20_000) {
  return { timeoutMs, signal: new AbortController().signal, onAttempt };
}

describe("the TCP probe", () => {
  test("returns at an SSH greeting", async () => {
    const port = await listen("SSH-2.0-OpenSSH_9.2p1\r\n");
    let seen = 0;
    await createTcpProbe({ port }).waitForSsh(
      "127.0.0.1",
      attempts((attempt) => (seen = attempt)),
    );
    expect(seen).toBe(1);
  });

  test("tries again while nobody listens", async () => {
    const port = await listen(null);
    servers.pop()?.close();
    const told = new Set<string | null>();
    await createTcpProbe({ port }).waitForSsh(
      "127.0.0.1",
      attempts((attempt, before) => {
        told.add(before);
        if (attempt === 3) void listen("SSH-2.0-OpenSSH_9.2p1\r\n", port);
      }),
    );
    expect(told).toEqual(new Set([null, "nothing answers"]));
  });

  test.each([
    ["nobody listens", undefined, "nothing answers"],
    ["a server says nothing", null, "nothing answers"],
    ["something else greets", "220 mail.example.com ESMTP\r\n", "something else answers"],
  ])("is a boot_timeout when %s", async (_what, greeting, said) => {
    const port = await listen(greeting ?? null);
    if (greeting === undefined) servers.pop()?.close();
    const wait = createTcpProbe({ port }).waitForSsh("127.0.0.1", attempts(undefined, 100));
    await expect(wait).rejects.toMatchObject({
      ...failure("boot_timeout", false),
      message: expect.stringContaining(said),
    });
  });

  test("leaves no listener on the caller's signal, however often it tries", async () => {
    const port = await listen(null);
    servers.pop()?.close();
    const controller = new AbortController();
    const options = { timeoutMs: 200, signal: controller.signal, onAttempt: () => undefined };
    await expect(createTcpProbe({ port }).waitForSsh("127.0.0.1", options)).rejects.toThrow();
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("an abort ends it with its own reason", async () => {
    const port = await listen(null);
    const controller = new AbortController();
    const reason = new Error("cancelled");
    const wait = createTcpProbe({ port }).waitForSsh("127.0.0.1", {
      timeoutMs: 20_000,
      signal: controller.signal,
      onAttempt: () => queueMicrotask(() => controller.abort(reason)),
    });
    await expect(wait).rejects.toBe(reason);
  });
});

test("the sandbox probe returns once the simulated guest has booted, and times out on an address without one", async () => {
  const region = await startSimulatedRegion();
  const driver = createIncusDriver(region.region);
  const owner = { id: "srv_probe", kind: "server", accountId: "acc_1", region: "us-east-1" } as const;
  const { fingerprint } = await driver.findImage(region.imageAlias);
  const size = { vcpus: 1, memoryMib: 512, diskGib: 10 };
  const nothing = { userData: null, networkConfig: null, volume: null };
  const guest = { owner, ipv4: "10.88.0.20", imageFingerprint: fingerprint, ...nothing, ...size };
  await driver.createInstance(guest, recordedWait());
  const probe = createSandboxProbe(region.simulator.socket);
  await expect(probe.waitForSsh(guest.ipv4, attempts(undefined, 100))).rejects.toMatchObject(
    failure("boot_timeout", false),
  );
  await driver.startInstance(owner, recordedWait());
  await expect(probe.waitForSsh(guest.ipv4, attempts())).resolves.toBeUndefined();
  await driver.close();
  await region.stop();
});
