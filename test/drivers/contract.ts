import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { ComputeError } from "../../src/drivers/compute.ts";
import { type ComputeDriver, type InstanceSpec, type Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver, type IncusRegionOptions } from "../../src/drivers/incus/driver.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import { waitUntil } from "../support/wait.ts";
import { recordedWait, unwantedWait } from "./waits.ts";

/** A server, simulated or real, that the contract is checked against. */
export interface ContractTarget {
  region: IncusRegionOptions;
  imageAlias: string;
  /** Addresses of the region that nobody else uses. */
  addresses: string[];
  /** What the server itself says of an instance in the region's project. */
  rawConfig(name: string): Promise<Record<string, string>>;
  rawDevices(name: string): Promise<Record<string, Record<string, string>>>;
  /** Makes a stopped instance that is not ours, past the driver. */
  plantForeign(name: string): Promise<void>;
  removeForeign(name: string): Promise<void>;
  /** A request to the server past the driver: the metadata of its answer. */
  query<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<T>;
  /** `0600 0 0`: mode, user and group of a file in an instance of the region's project. */
  fileMode(name: string, path: string): Promise<string>;
}

/** What every compute driver has to do, whatever is behind it. */
export function describeComputeDriver(subject: string, targetOf: () => ContractTarget): void {
  describe(`${subject} as a compute driver`, () => {
    let target: ContractTarget;
    let driver: ComputeDriver;
    let fingerprint: string;
    let foreign: string[] = [];
    let owners: Owner[] = [];
    let taken = 0;

    beforeAll(async () => {
      target = targetOf();
      driver = createIncusDriver(target.region);
      fingerprint = (await driver.findImage(target.imageAlias)).fingerprint;
      return () => driver.close();
    });

    afterEach(async () => {
      await Promise.all(owners.map((owner) => driver.deleteInstance(owner, recordedWait())));
      for (const name of foreign) await target.removeForeign(name);
      const left = await Promise.all(owners.map((owner) => driver.findInstance(owner)));
      foreign = [];
      owners = [];
      expect(left.filter((instance) => instance?.owner)).toEqual([]);
    });

    function newSpec(change: Partial<InstanceSpec> = {}): InstanceSpec {
      const owner: Owner = { id: newId("server"), kind: "server", accountId: "acc_test", region: target.region.region };
      owners.push(owner);
      const ipv4 = target.addresses[taken++ % target.addresses.length] ?? "";
      return {
        owner,
        imageFingerprint: fingerprint,
        ipv4,
        vcpus: 1,
        memoryMib: 256,
        diskGib: 2,
        userData: "#cloud-config\nhostname: contract\n",
        networkConfig: "version: 1\nconfig: []\n",
        volume: null,
        ...change,
      };
    }

    async function created(change: Partial<InstanceSpec> = {}): Promise<InstanceSpec> {
      const spec = newSpec(change);
      await driver.createInstance(spec, recordedWait());
      return spec;
    }

    async function uuidOf(spec: InstanceSpec): Promise<string | undefined> {
      return (await target.rawConfig(instanceName(spec.owner.id)))["volatile.uuid"];
    }

    describe("images and health", () => {
      test("an alias resolves to the image's fingerprint", () => {
        expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
      });

      test("an unknown alias is image_unavailable", async () => {
        await expect(driver.findImage("no/such/image")).rejects.toMatchObject(failure("image_unavailable", false));
      });

      test("a region that is as configured is healthy", async () => {
        await expect(driver.checkHealth()).resolves.toBeUndefined();
      });

      test.each([
        ["project", { project: "absent" }],
        ["network", { network: "absent" }],
        ["storage pool", { storagePool: "absent" }],
        ["gateway", { gateway: "192.0.2.1" }],
      ])("a wrong %s fails the health check and is named", async (_what, change) => {
        const wrong = createIncusDriver({ ...target.region, ...change });
        await expect(wrong.checkHealth()).rejects.toMatchObject({
          ...failure("infrastructure_error", false),
          message: expect.stringContaining(Object.values(change)[0] ?? ""),
        });
        await wrong.close();
      });

      test("a project that is gone is not taken for an instance that is gone", async () => {
        const wrong = createIncusDriver({ ...target.region, project: "absent" });
        await expect(wrong.findInstance(newSpec().owner)).rejects.toMatchObject(failure("infrastructure_error", false));
        await wrong.close();
      });
    });

    describe("create", () => {
      test("makes a stopped instance with the limits, the address, the guest's documents and our tags", async () => {
        const spec = await created({ vcpus: 2, memoryMib: 384, diskGib: 3 });
        const name = instanceName(spec.owner.id);
        expect(await driver.findInstance(spec.owner)).toEqual({
          name,
          owner: spec.owner,
          status: "stopped",
          ipv4: spec.ipv4,
          imageFingerprint: fingerprint,
          size: { vcpus: 2, memoryMib: 384, diskGib: 3 },
        });
        expect(await target.rawConfig(name)).toMatchObject({
          "limits.cpu": "2",
          "limits.memory": "384MiB",
          "cloud-init.user-data": spec.userData,
          "cloud-init.network-config": spec.networkConfig,
        });
        expect(await target.rawDevices(name)).toEqual({
          root: { type: "disk", path: "/", pool: target.region.storagePool, size: "3GiB" },
          eth0: {
            type: "nic",
            name: "eth0",
            network: target.region.network,
            hwaddr: expect.stringMatching(/^02:ce(:[0-9a-f]{2}){4}$/),
            "ipv4.address": spec.ipv4,
          },
        });
      });

      test("reports an operation that another worker could follow", async () => {
        const wait = recordedWait();
        await driver.createInstance(newSpec(), wait);
        expect(wait.followed).toHaveLength(1);
      });

      test("a second call adopts the instance of the first", async () => {
        const spec = await created();
        const before = await uuidOf(spec);
        await driver.createInstance(spec, recordedWait());
        expect(await uuidOf(spec)).toBe(before);
      });

      test("a successor of a lost attempt adopts what that one made", async () => {
        const spec = newSpec();
        const lost = recordedWait();
        await driver.createInstance(spec, lost);
        const before = await uuidOf(spec);
        const resumeFrom = { operationId: lost.followed[0] ?? "" };
        await driver.createInstance(spec, recordedWait({ resumeFrom }));
        const unknown = { operationId: "00000000-0000-4000-8000-000000000000" };
        await driver.createInstance(spec, recordedWait({ resumeFrom: unknown }));
        expect(await uuidOf(spec)).toBe(before);
      });

      test("three calls at once make one instance", async () => {
        const spec = newSpec();
        await Promise.all([1, 2, 3].map(() => driver.createInstance(spec, recordedWait())));
        expect(await driver.findInstance(spec.owner)).toMatchObject({ status: "stopped", owner: spec.owner });
      });

      test("never takes or removes a foreign instance of the same name", async () => {
        const spec = newSpec();
        const name = instanceName(spec.owner.id);
        await target.plantForeign(name);
        foreign.push(name);
        await expect(driver.createInstance(spec, recordedWait())).rejects.toMatchObject(
          failure("instance_conflict", false),
        );
        await expect(driver.startInstance(spec.owner, recordedWait())).rejects.toMatchObject(
          failure("instance_conflict", false),
        );
        await driver.stopInstance(spec.owner, 1_000, recordedWait());
        await driver.deleteInstance(spec.owner, recordedWait());
        expect(await driver.findInstance(spec.owner)).toMatchObject({ name, owner: null });
      });

      test("what an earlier attempt made for another address is replaced if it never ran, and refused if it did", async () => {
        const spec = await created();
        const moved = { ...spec, ipv4: newSpec().ipv4 };
        await driver.createInstance(moved, recordedWait());
        expect(await driver.findInstance(spec.owner)).toMatchObject({ ipv4: moved.ipv4 });

        await driver.startInstance(spec.owner, recordedWait());
        await expect(driver.createInstance(spec, recordedWait())).rejects.toMatchObject(
          failure("instance_conflict", false),
        );
        expect(await driver.findInstance(spec.owner)).toMatchObject({ ipv4: moved.ipv4, status: "running" });
      });

      test("an image that is gone is image_unavailable and leaves nothing", async () => {
        const spec = newSpec({ imageFingerprint: "0".repeat(64) });
        await expect(driver.createInstance(spec, recordedWait())).rejects.toMatchObject(
          failure("image_unavailable", false),
        );
        expect(await driver.findInstance(spec.owner)).toBeNull();
      });

      test("an address outside the network is instance_rejected and leaves nothing", async () => {
        const spec = newSpec({ ipv4: "192.0.2.10" });
        await expect(driver.createInstance(spec, recordedWait())).rejects.toMatchObject(
          failure("instance_rejected", false),
        );
        expect(await driver.findInstance(spec.owner)).toBeNull();
      });

      test("that nobody wants any more makes nothing, replaces nothing and starts nothing", async () => {
        const spec = newSpec();
        await driver.createInstance(spec, unwantedWait());
        expect(await driver.findInstance(spec.owner)).toBeNull();
        await driver.createInstance(spec, recordedWait());
        const uuid = await uuidOf(spec);
        await driver.createInstance({ ...spec, ipv4: newSpec().ipv4 }, unwantedWait());
        expect(await uuidOf(spec)).toBe(uuid);
        await driver.startInstance(spec.owner, unwantedWait());
        expect(await driver.findInstance(spec.owner)).toMatchObject({ ipv4: spec.ipv4, status: "stopped" });
      });

      test("an abort ends the wait with its own reason, and a delete clears up whatever was begun", async () => {
        const spec = newSpec();
        const controller = new AbortController();
        const reason = new Error("the action was cancelled");
        const wait = recordedWait({ signal: controller.signal });
        const heartbeat = wait.heartbeat.bind(wait);
        wait.heartbeat = (details) => {
          heartbeat(details);
          controller.abort(reason);
        };
        await expect(driver.createInstance(spec, wait)).rejects.toBe(reason);
        await driver.deleteInstance(spec.owner, recordedWait());
        expect(await driver.findInstance(spec.owner)).toBeNull();
      });
    });

    describe("start and stop", () => {
      test("start runs it, and is content with one that runs", async () => {
        const { owner } = await created();
        await driver.startInstance(owner, recordedWait());
        await driver.startInstance(owner, recordedWait());
        expect(await driver.findInstance(owner)).toMatchObject({ status: "running" });
      });

      test("two starts at once are one", async () => {
        const { owner } = await created();
        await Promise.all([1, 2].map(() => driver.startInstance(owner, recordedWait())));
        expect(await driver.findInstance(owner)).toMatchObject({ status: "running" });
      });

      test("starting what is gone is a permanent error", async () => {
        await expect(driver.startInstance(newSpec().owner, recordedWait())).rejects.toMatchObject(
          failure("infrastructure_error", false),
        );
      });

      test("an address that another instance has is address_in_use", async () => {
        const first = await created();
        await driver.startInstance(first.owner, recordedWait());
        const start = async () => {
          const second = await created({ ipv4: first.ipv4 });
          await driver.startInstance(second.owner, recordedWait());
        };
        await expect(start()).rejects.toMatchObject(failure("address_in_use", false));
      });

      test("a look tells whether it runs, and fails where it is gone or foreign", async () => {
        const { owner } = await created();
        expect(await driver.lookAtInstance(owner, recordedWait())).toMatchObject({ owner, status: "stopped" });
        await driver.startInstance(owner, recordedWait());
        expect(await driver.lookAtInstance(owner, recordedWait())).toMatchObject({ owner, status: "running" });

        const other = newSpec().owner;
        await expect(driver.lookAtInstance(other, recordedWait())).rejects.toMatchObject(
          failure("infrastructure_error", false),
        );
        await target.plantForeign(instanceName(other.id));
        foreign.push(instanceName(other.id));
        await expect(driver.lookAtInstance(other, recordedWait())).rejects.toMatchObject(
          failure("instance_conflict", false),
        );
      });

      test("stop switches it off, and is content with one that is off or gone", async () => {
        const { owner } = await created();
        await driver.startInstance(owner, recordedWait());
        await driver.stopInstance(owner, 1_000, recordedWait());
        expect(await driver.findInstance(owner)).toMatchObject({ status: "stopped" });
        await driver.stopInstance(owner, 1_000, recordedWait());
        await driver.deleteInstance(owner, recordedWait());
        await expect(driver.stopInstance(owner, 1_000, recordedWait())).resolves.toBeUndefined();
      });
    });

    describe("resize", () => {
      test.each(["stopped", "running"])("changes the limits of one that is %s, and nothing else", async (state) => {
        const spec = await created();
        const name = instanceName(spec.owner.id);
        if (state === "running") await driver.startInstance(spec.owner, recordedWait());
        const [config, devices] = [await target.rawConfig(name), await target.rawDevices(name)];
        const size = { vcpus: 2, memoryMib: 384, diskGib: 3 };
        await driver.resizeInstance(spec.owner, size, recordedWait());
        await driver.resizeInstance(spec.owner, size, recordedWait());
        expect(await target.rawConfig(name)).toEqual({ ...config, "limits.cpu": "2", "limits.memory": "384MiB" });
        expect(await target.rawDevices(name)).toEqual({ ...devices, root: { ...devices["root"], size: "3GiB" } });
        expect(await driver.lookAtInstance(spec.owner, recordedWait())).toMatchObject({ status: state });

        const { vcpus, memoryMib, diskGib } = spec;
        await driver.resizeInstance(spec.owner, { vcpus, memoryMib, diskGib }, recordedWait());
        expect(await target.rawConfig(name)).toEqual(config);
        expect(await target.rawDevices(name)).toEqual(devices);
      });

      test("gives a running guest its CPUs each time", async () => {
        const { owner, vcpus, memoryMib, diskGib } = await created();
        await driver.startInstance(owner, recordedWait());
        const { cpu: host } = await target.query<{ cpu: { total: number } }>("GET", "/1.0/resources");
        const state = `/1.0/instances/${instanceName(owner.id)}/state?project=${target.region.project}`;
        for (let round = 0; round < 20; round++) {
          for (const cpus of [vcpus + 1, vcpus]) {
            await driver.resizeInstance(owner, { vcpus: cpus, memoryMib, diskGib }, recordedWait());
            await waitUntil(`the guest has ${cpus} CPUs`, async () => {
              const { cpu } = await target.query<{ cpu: { allocated_time: number } }>("GET", state);
              return cpu.allocated_time === Math.min(cpus, host.total) * 1_000_000_000;
            });
          }
        }
      });

      test("of what is gone is a permanent error", async () => {
        const size = { vcpus: 1, memoryMib: 256, diskGib: 2 };
        await expect(driver.resizeInstance(newSpec().owner, size, recordedWait())).rejects.toMatchObject(
          failure("infrastructure_error", false),
        );
      });
    });

    describe("rebuild", () => {
      const file = { path: "/root/from-before", content: "before", mode: 0o600 };

      test("gives a new disk, and keeps limits, address, documents and tags", async () => {
        const spec = await created();
        const name = instanceName(spec.owner.id);
        await driver.startInstance(spec.owner, recordedWait());
        await driver.writeFiles(spec.owner, [file], recordedWait());
        await driver.stopInstance(spec.owner, 0, recordedWait());
        const devices = await target.rawDevices(name);
        const wait = recordedWait();
        await driver.rebuildInstance(spec.owner, spec, wait);
        expect(wait.followed).toHaveLength(1);

        expect(await driver.readFile(spec.owner, file.path, recordedWait())).toBeNull();
        expect(await target.rawDevices(name)).toEqual(devices);
        expect(await target.rawConfig(name)).toMatchObject({
          "limits.cpu": "1",
          "limits.memory": "256MiB",
          "cloud-init.user-data": spec.userData,
          "user.cloudnexus.id": spec.owner.id,
        });
        await driver.startInstance(spec.owner, recordedWait());
        expect(await driver.findInstance(spec.owner)).toMatchObject({ owner: spec.owner, status: "running" });
      });

      test("gives other user data with the new disk, also to one that never ran", async () => {
        const spec = await created();
        await driver.startInstance(spec.owner, recordedWait());
        await driver.stopInstance(spec.owner, 0, recordedWait());
        const userDataOf = async () => (await target.rawConfig(instanceName(spec.owner.id)))["cloud-init.user-data"];
        for (const userData of ["#cloud-config\nhostname: renamed\n", "#cloud-config\nhostname: renamed-again\n"]) {
          await driver.rebuildInstance(spec.owner, { ...spec, userData }, recordedWait());
          expect(await userDataOf()).toBe(userData);
        }
        await driver.startInstance(spec.owner, recordedWait());
        expect(await driver.findInstance(spec.owner)).toMatchObject({ owner: spec.owner, status: "running" });
      });

      test("that is refused leaves the user data, which the old disk may yet boot with", async () => {
        const spec = await created();
        await driver.startInstance(spec.owner, recordedWait());
        const other = { ...spec, userData: "#cloud-config\nhostname: other\n" };
        await expect(driver.rebuildInstance(spec.owner, other, recordedWait())).rejects.toThrow();
        const config = await target.rawConfig(instanceName(spec.owner.id));
        expect(config["cloud-init.user-data"]).toBe(spec.userData);
      });

      test("leaves a new disk that never ran as it is", async () => {
        const spec = await created();
        await driver.startInstance(spec.owner, recordedWait());
        await driver.stopInstance(spec.owner, 0, recordedWait());
        const lost = recordedWait();
        await driver.rebuildInstance(spec.owner, spec, lost);
        const again = recordedWait({ resumeFrom: { operationId: lost.followed[0] ?? "" } });
        await driver.rebuildInstance(spec.owner, spec, again);
        expect(new Set(again.followed)).toEqual(new Set(lost.followed));
      });

      test("refuses one that runs, and an image that is gone, and touches neither disk", async () => {
        const spec = await created();
        await driver.startInstance(spec.owner, recordedWait());
        await driver.writeFiles(spec.owner, [file], recordedWait());
        await expect(driver.rebuildInstance(spec.owner, spec, recordedWait())).rejects.toMatchObject(
          failure("instance_rejected", false),
        );
        await driver.stopInstance(spec.owner, 0, recordedWait());
        await expect(
          driver.rebuildInstance(spec.owner, { ...spec, imageFingerprint: "0".repeat(64) }, recordedWait()),
        ).rejects.toMatchObject(failure("image_unavailable", false));
        expect(await driver.readFile(spec.owner, file.path, recordedWait())).toBe(file.content);
      });
    });

    describe("delete and list", () => {
      test("delete removes a running instance, and is content with one that is gone", async () => {
        const { owner } = await created();
        await driver.startInstance(owner, recordedWait());
        await driver.deleteInstance(owner, recordedWait());
        expect(await driver.findInstance(owner)).toBeNull();
        await expect(driver.deleteInstance(owner, recordedWait())).resolves.toBeUndefined();
      });

      test("five deletes at once all succeed", async () => {
        const { owner } = await created();
        await driver.startInstance(owner, recordedWait());
        await Promise.all([1, 2, 3, 4, 5].map(() => driver.deleteInstance(owner, recordedWait())));
        expect(await driver.findInstance(owner)).toBeNull();
      });

      test("the list has what carries our tags and nothing else", async () => {
        const spec = await created();
        const name = instanceName(newSpec().owner.id);
        await target.plantForeign(name);
        foreign.push(name);
        const listed = await driver.listInstances();
        expect(listed).toContainEqual({
          name: instanceName(spec.owner.id),
          owner: spec.owner,
          status: "stopped",
          ipv4: spec.ipv4,
          imageFingerprint: fingerprint,
          size: { vcpus: spec.vcpus, memoryMib: spec.memoryMib, diskGib: spec.diskGib },
        });
        expect(listed.map((instance) => instance.name)).not.toContain(name);
      });
    });
  });
}

export function failure(code: ComputeError["code"], transient: boolean): Partial<ComputeError> {
  return { code, transient };
}
