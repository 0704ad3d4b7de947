import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { STORAGE_POOL } from "../../scripts/platform/incus-region.ts";
import { run } from "../../scripts/platform/run.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { E2E_REGIONS } from "../support/e2e-regions.ts";
import type { TestProcess } from "../support/processes.ts";
import { createRealWorld, type RealWorld } from "../support/real-world.ts";
import { waitUntil } from "../support/wait.ts";

let world: RealWorld;
let worker: TestProcess;
let before: Awaited<ReturnType<RealWorld["inventory"]>>;

beforeAll(async () => {
  world = await createRealWorld();
  worker = await world.startWorker();
});
beforeEach(async () => {
  before = await world.inventory();
});
// One that failed before its delete is tidied up after, so that it fails alone.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") {
    for (const { id } of await world.api.list("/v1/servers?per_page=100")) await remove(id);
  }
  expect(await world.inventory()).toEqual(before);
});
afterAll(() => world.close());

const project = E2E_REGIONS.find(({ slug }) => slug === "us-east-1")?.project ?? "";

async function act(id: string, type: string, change: object = {}): Promise<void> {
  const { status, body } = await world.api.actOnServer(id, type, change);
  expect(status, JSON.stringify(body)).toBe(202);
  expect(await world.api.actionEnd(body.data.id)).toMatchObject({ status: "succeeded", error: null });
}

async function remove(id: string): Promise<void> {
  const deletion = (await world.api.deleteServer(id)).body.data;
  expect((await world.api.actionEnd(deletion.id)).status).toBe("succeeded");
}

async function shown(id: string): Promise<Record<string, unknown>> {
  return (await world.api.get(`/v1/servers/${id}`)).body.data as unknown as Record<string, unknown>;
}

/** Over SSH, once it answers: an action ends when the instance runs. */
async function inside(ipv4: string, command: string): Promise<string> {
  let output = "";
  await waitUntil(
    `${ipv4} answers over SSH`,
    async () => {
      try {
        output = await world.ssh(ipv4, command);
        return true;
      } catch {
        return false;
      }
    },
    90_000,
  );
  return output.trim();
}

/** Another at every boot of a container. */
function bootOf(ipv4: string): Promise<string> {
  return inside(ipv4, "stat -c %y /proc/1; cut -d ' ' -f 22 /proc/1/stat");
}

async function statusOnHost(id: string): Promise<string> {
  const { status } = JSON.parse(
    await run("incus", ["query", `/1.0/instances/${instanceName(id)}?project=${project}`]),
  ) as { status: string };
  return status;
}

describe("a server on real Incus", () => {
  it("goes through everything that can be done to it, and leaves nothing", { timeout: 600_000 }, async () => {
    const { id, ipv4, action_id } = (await world.api.createServer("e2e-actions", { ssh_keys: [world.sshKeyId] })).body
      .data;
    expect((await world.api.actionEnd(action_id)).status).toBe("succeeded");
    await inside(ipv4, "cloud-init status --wait; echo mine > /root/marker; sync");
    const firstBoot = await bootOf(ipv4);

    await act(id, "stop");
    expect(await shown(id)).toMatchObject({ status: "active", power_state: "stopped", ipv4 });
    expect(await statusOnHost(id)).toBe("Stopped");
    await act(id, "stop");
    await act(id, "start");
    expect(await shown(id)).toMatchObject({ status: "active", power_state: "running", ipv4 });
    const secondBoot = await bootOf(ipv4);
    expect(secondBoot).not.toBe(firstBoot);

    await act(id, "reboot");
    expect(await bootOf(ipv4)).not.toBe(secondBoot);
    expect(await inside(ipv4, "cat /root/marker")).toBe("mine");

    await act(id, "suspend");
    expect(await shown(id)).toMatchObject({ status: "suspended", power_state: "stopped", ipv4 });
    expect(await statusOnHost(id)).toBe("Stopped");
    await expect(world.ssh(ipv4, "true")).rejects.toThrow();
    for (const type of ["start", "stop", "reboot", "resize", "rebuild"]) {
      const change = type === "resize" ? { plan: "pro" } : {};
      const answer = await world.api.actOnServer(id, type, change);
      expect(answer).toMatchObject({ status: 409, body: { error: { code: "invalid_status" } } });
    }
    await act(id, "resume");
    expect(await shown(id)).toMatchObject({ status: "active", power_state: "running", ipv4 });
    expect(await inside(ipv4, "cat /root/marker")).toBe("mine");

    const boot = await bootOf(ipv4);
    expect(await inside(ipv4, "nproc")).toBe("1");
    await act(id, "resize", { plan: "pro" });
    expect(await shown(id)).toMatchObject({ plan: "pro", power_state: "running" });
    // Incus gives the guest its CPUs a moment after it has taken the setting.
    await waitUntil("the guest has two CPUs", async () => (await inside(ipv4, "nproc")) === "2");
    expect(await inside(ipv4, "grep MemTotal /proc/meminfo")).toMatch(/MemTotal:\s+1048576 kB/);
    // More than the 3 GiB of the plan before, and less than the 4 GiB of this one.
    await inside(ipv4, "fallocate -l 3200M /root/big && rm /root/big");
    expect(await bootOf(ipv4)).toBe(boot);

    const hostKey = await inside(ipv4, "cat /etc/ssh/ssh_host_ed25519_key.pub");
    const rebuild = (await world.api.actOnServer(id, "rebuild")).body.data;
    await waitUntil("the rebuild is under way", async () => {
      const { status, steps, error } = (await world.api.get(`/v1/actions/${rebuild.id}`)).body.data;
      if (status !== "running") throw new Error(`the action ended as ${status} before: ${JSON.stringify(error)}`);
      return steps.some((step) => step.name === "rebuild_instance" && step.status === "running");
    });
    await worker.kill("SIGKILL");
    worker = await world.startWorker();
    expect(await world.api.actionEnd(rebuild.id)).toMatchObject({ status: "succeeded", error: null });
    expect(await shown(id)).toMatchObject({ plan: "pro", power_state: "running", ipv4, error: null });
    await expect(world.ssh(ipv4, "cat /root/marker")).rejects.toThrow(/No such file/);
    expect(await inside(ipv4, "cat /etc/ssh/ssh_host_ed25519_key.pub")).not.toBe(hostKey);
    expect(await inside(ipv4, "hostname")).toBe("e2e-actions");
    await waitUntil("the new guest has two CPUs", async () => (await inside(ipv4, "nproc")) === "2");

    await remove(id);
  });

  it("whose create failed is made by a retry", { timeout: 300_000 }, async () => {
    const name = "e2e-retried";
    // A foreign instance is in its way: its name is known only after the 201, so there is no worker until it is there.
    await worker.kill("SIGTERM");
    const { id, action_id } = (await world.api.createServer(name, { ssh_keys: [world.sshKeyId] })).body.data;
    await run("incus", ["create", "--empty", instanceName(id), "--project", project, "--storage", STORAGE_POOL]);
    worker = await world.startWorker();
    expect(await world.api.actionEnd(action_id)).toMatchObject({
      status: "failed",
      error: { code: "instance_conflict" },
    });
    expect(await shown(id)).toMatchObject({
      status: "failed",
      ipv4: null,
      error: { action_id, step: "create_instance" },
    });

    await run("incus", ["delete", "--force", instanceName(id), "--project", project]);
    await act(id, "retry");
    const { ipv4, status } = (await shown(id)) as { ipv4: string; status: string };
    expect(status).toBe("active");
    expect(await inside(ipv4, "hostname")).toBe(name);
    const history = (await world.api.list(`/v1/servers/${id}/actions`)) as unknown as {
      type: string;
      status: string;
    }[];
    expect(history.map(({ type, status: end }) => `${type} ${end}`)).toEqual(["create succeeded", "create failed"]);
    await remove(id);
  });
});
