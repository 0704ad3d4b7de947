import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ensureIncusDaemon } from "../../scripts/platform/incus-daemon.ts";
import { silentProgress } from "../../scripts/platform/progress.ts";
import { run } from "../../scripts/platform/run.ts";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { heldFaultFile, planFault, type TestProcess } from "../support/processes.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { waitUntil } from "../support/wait.ts";

let world: RealWorld;
let worker: TestProcess;
let before: Awaited<ReturnType<RealWorld["inventory"]>>;

beforeAll(async () => {
  world = await createRealWorld();
  worker = await world.startWorker({ faults: true });
});
beforeEach(async () => {
  before = await world.inventory();
});
// Every test deletes what it made: no instance, volume, lease, address or reservation is left of it. One that failed before its delete is tidied up after,
// so that it fails alone.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") {
    for (const server of await world.api.list("/v1/servers?per_page=100")) await remove(server.id);
  }
  expect(await world.inventory()).toEqual(before);
});
afterAll(() => world.close());

async function create(name: string, change: object = {}) {
  const answer = await world.api.createServer(name, { ssh_keys: [world.sshKeyId], ...change });
  expect(answer.status).toBe(201);
  return answer.body.data as { id: string; ipv4: string; action_id: string };
}

async function remove(serverId: string) {
  const answer = await world.api.deleteServer(serverId);
  expect((await world.api.actionEnd(answer.body.data.id)).status).toBe("succeeded");
  expect((await world.api.get(`/v1/servers/${serverId}`)).status).toBe(404);
}

/** A server whose create is within this step: the effect is about to happen or has just happened, and the step does not end before `letGo`. */
async function createUntil(step: string, name: string) {
  const file = planFault(world, { activity: activityOfStep(step), fault: "linger" });
  const server = await create(name);
  await waitUntil(`${step} is under way`, () => existsSync(heldFaultFile(file)));
  return { ...server, letGo: () => rmSync(heldFaultFile(file)) };
}

describe("a server on real Incus", () => {
  it("is reached over SSH at the address of the 201, with its plan's limits", async () => {
    const server = await create("e2e-limits", { plan: "pro" });
    expect((await world.api.actionEnd(server.action_id)).status).toBe("succeeded");
    const view = (await world.api.get(`/v1/servers/${server.id}`)).body.data;
    expect(view).toMatchObject({ status: "active", power_state: "running", ipv4: server.ipv4 });

    expect((await world.ssh(server.ipv4, "hostname")).trim()).toBe("e2e-limits");
    expect((await world.ssh(server.ipv4, "nproc")).trim()).toBe("2");
    expect(await world.ssh(server.ipv4, "grep MemTotal /proc/meminfo")).toMatch(/MemTotal:\s+1048576 kB/);
    expect(await world.ssh(server.ipv4, "ip -4 -o addr show eth0")).toContain(`${server.ipv4}/24`);
    // The disk's quota: more than the plan's 4 GiB does not fit, though the pool has room.
    await expect(world.ssh(server.ipv4, "fallocate -l 5G /root/too-big")).rejects.toThrow(/quota|space/i);
    expect(await world.ssh(server.ipv4, "cloud-init status --wait")).toContain("status: done");
    await remove(server.id);
  });

  it("runs the customer's user data beside ours", async () => {
    const userData = "#!/bin/sh\necho from-user-data > /root/marker\n";
    const server = await create("e2e-user-data", { user_data: userData });
    expect((await world.api.actionEnd(server.action_id)).status).toBe("succeeded");
    await world.ssh(server.ipv4, "cloud-init status --wait");
    expect((await world.ssh(server.ipv4, "cat /root/marker")).trim()).toBe("from-user-data");
    const [row] = await world.sql<{ user_data_box: string }>("SELECT user_data_box FROM servers WHERE id = $1", [
      server.id,
    ]);
    expect(row!.user_data_box).not.toContain("from-user-data");
    await remove(server.id);
  });

  it.each(["create_instance", "start_instance", "wait_for_ssh"])(
    "comes to be once although the worker is killed during %s",
    async (step) => {
      const server = await createUntil(step, `e2e-killed-${step.replaceAll("_", "-")}`);
      await worker.kill("SIGKILL");
      server.letGo();
      worker = await world.startWorker({ faults: true });
      expect((await world.api.actionEnd(server.action_id)).status).toBe("succeeded");
      expect((await world.ssh(server.ipv4, "echo alive")).trim()).toBe("alive");
      expect((await world.inventory())["instances"]).toHaveLength(1);
      await remove(server.id);
    },
  );

  it.each(["create_instance", "start_instance", "wait_for_ssh"])("is gone after a DELETE during %s", async (step) => {
    const server = await createUntil(step, `e2e-deleted-${step.replaceAll("_", "-")}`);
    await remove(server.id);
    expect((await world.api.actionEnd(server.action_id)).status).toBe("cancelled");
    server.letGo();
  });

  it("comes to be although incusd is restarted meanwhile", async () => {
    const server = await createUntil("create_instance", "e2e-incusd-restart");
    await restartIncusd();
    server.letGo();
    expect((await world.api.actionEnd(server.action_id)).status).toBe("succeeded");
    expect((await world.ssh(server.ipv4, "echo alive")).trim()).toBe("alive");
    await remove(server.id);
  });

  it("can be one of several that are made at once, in both regions", async () => {
    const servers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        create(`e2e-parallel-${index}`, { region: index % 2 === 0 ? "us-east-1" : "eu-west-2" }),
      ),
    );
    for (const server of servers) {
      expect((await world.api.actionEnd(server.action_id)).status).toBe("succeeded");
      expect((await world.ssh(server.ipv4, "hostname")).trim()).toMatch(/^e2e-parallel-/);
    }
    await Promise.all(servers.map((server) => remove(server.id)));
  });
});

/** Ends the daemon without touching the instances, as an upgrade of its package does, and starts it again. */
async function restartIncusd(): Promise<void> {
  const { environment } = JSON.parse(await run("incus", ["query", "/1.0"])) as { environment: { server_pid: number } };
  const pid = environment.server_pid;
  process.kill(pid, "SIGTERM");
  await waitUntil("incusd has ended", () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  await ensureIncusDaemon(silentProgress, mkdtempSync(join(tmpdir(), "cloudnexus-e2e-incusd-")));
}
