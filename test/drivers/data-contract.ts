import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../src/domain/ids.ts";
import type { AccessRules, ComputeDriver, InstanceSpec, Owner } from "../../src/drivers/compute.ts";
import { createIncusDriver } from "../../src/drivers/incus/driver.ts";
import { instanceName, volumeName } from "../../src/drivers/incus/instance-name.ts";
import { type ContractTarget, failure } from "./contract.ts";
import { recordedWait, unwantedWait } from "./waits.ts";

/** What every compute driver has to do for databases: volumes, files in guests, and rules on the network. */
export function describeDatabaseDriver(subject: string, targetOf: () => ContractTarget): void {
  describe(`${subject} as a driver of databases`, () => {
    let target: ContractTarget;
    let driver: ComputeDriver;
    let fingerprint: string;
    let owners: Owner[] = [];
    let foreignVolumes: string[] = [];
    let taken = 0;

    beforeAll(async () => {
      target = targetOf();
      driver = createIncusDriver(target.region);
      fingerprint = (await driver.findImage(target.imageAlias)).fingerprint;
      return () => driver.close();
    });

    afterEach(async () => {
      for (const owner of owners) {
        await driver.removeAccessRules(owner, recordedWait());
        await driver.deleteInstance(owner, recordedWait());
        await driver.deleteVolume(owner, recordedWait());
      }
      for (const name of foreignVolumes) await target.query("DELETE", volumePath(name));
      const left = await target.query<{ name: string }[]>("GET", `${volumesPath()}&recursion=1`);
      const names = owners.map((owner) => volumeName(owner.id));
      owners = [];
      foreignVolumes = [];
      expect(left.filter((volume) => names.includes(volume.name))).toEqual([]);
    });

    function newOwner(): Owner {
      const owner: Owner = {
        id: newId("database"),
        kind: "database",
        accountId: "acc_test",
        region: target.region.region,
      };
      owners.push(owner);
      return owner;
    }

    function specOf(owner: Owner, volume: InstanceSpec["volume"] = null): InstanceSpec {
      const ipv4 = target.addresses[taken++ % target.addresses.length] ?? "";
      const size = { vcpus: 1, memoryMib: 256, diskGib: 2 };
      return { owner, imageFingerprint: fingerprint, ipv4, ...size, userData: null, networkConfig: null, volume };
    }

    async function instanceOf(owner: Owner, volume: InstanceSpec["volume"] = null): Promise<InstanceSpec> {
      const spec = specOf(owner, volume);
      await driver.createInstance(spec, recordedWait());
      return spec;
    }

    const volumesPath = () =>
      `/1.0/storage-pools/${target.region.storagePool}/volumes/custom?project=${target.region.project}`;
    const volumePath = (name: string) => volumesPath().replace("/custom?", `/custom/${name}?`);
    const createVolume = (owner: Owner) => driver.createVolume({ owner, sizeGib: 1 }, recordedWait());

    async function plantVolume(owner: Owner): Promise<void> {
      const name = volumeName(owner.id);
      await target.query("POST", volumesPath(), { name, content_type: "filesystem", config: {} });
      foreignVolumes.push(name);
    }

    describe("data volumes", () => {
      test("has the size and our tags; a second call adopts it, three at once make one", async () => {
        const owner = newOwner();
        await Promise.all([1, 2, 3].map(() => createVolume(owner)));
        await createVolume(owner);
        expect(await target.query("GET", volumePath(volumeName(owner.id)))).toMatchObject({
          type: "custom",
          content_type: "filesystem",
          config: { size: "1GiB", "user.cloudnexus.id": owner.id, "user.cloudnexus.kind": "database" },
        });
      });

      test("delete removes it, and is content with one that is gone", async () => {
        const owner = newOwner();
        await createVolume(owner);
        await Promise.all([1, 2, 3].map(() => driver.deleteVolume(owner, recordedWait())));
        await driver.deleteVolume(owner, recordedWait());
        const find = target.query("GET", volumePath(volumeName(owner.id)));
        await expect(find).rejects.toThrow(/not found/i);
      });

      test("is not made when nobody wants it any more", async () => {
        const owner = newOwner();
        await driver.createVolume({ owner, sizeGib: 1 }, unwantedWait());
        await expect(target.query("GET", volumePath(volumeName(owner.id)))).rejects.toThrow(/not found/i);
      });

      test("never takes or removes a foreign volume of the same name", async () => {
        const owner = newOwner();
        await plantVolume(owner);
        await expect(createVolume(owner)).rejects.toMatchObject(failure("instance_conflict", false));
        await driver.deleteVolume(owner, recordedWait());
        await expect(target.query("GET", volumePath(volumeName(owner.id)))).resolves.toMatchObject({ config: {} });
      });

      test("is attached to the instance at its path, is not removed under it, and outlives it", async () => {
        const owner = newOwner();
        await createVolume(owner);
        await instanceOf(owner, { path: "/data" });
        expect((await target.rawDevices(instanceName(owner.id)))["data"]).toEqual({
          type: "disk",
          path: "/data",
          pool: target.region.storagePool,
          source: volumeName(owner.id),
        });
        await driver.startInstance(owner, recordedWait());
        await expect(driver.deleteVolume(owner, recordedWait())).rejects.toMatchObject(
          failure("infrastructure_error", true),
        );
        await driver.deleteInstance(owner, recordedWait());
        await expect(target.query("GET", volumePath(volumeName(owner.id)))).resolves.toMatchObject({ used_by: [] });
      });

      test("an instance whose volume is not there is instance_rejected and leaves nothing", async () => {
        const owner = newOwner();
        await expect(instanceOf(owner, { path: "/data" })).rejects.toMatchObject(failure("instance_rejected", false));
        expect(await driver.findInstance(owner)).toBeNull();
      });

      test("a pool that is gone is not taken for a volume that is gone", async () => {
        const wrong = createIncusDriver({ ...target.region, storagePool: "absent" });
        const deletion = wrong.deleteVolume(newOwner(), recordedWait());
        await expect(deletion).rejects.toMatchObject(failure("infrastructure_error", false));
        await wrong.close();
      });
    });

    describe("files in guests", () => {
      const path = "/root/request.json";

      async function attributes(owner: Owner): Promise<string> {
        return await target.fileMode(instanceName(owner.id), path);
      }

      test.each(["stopped", "running"])(
        "are written to and read from a %s instance, any number of times",
        async (state) => {
          const { owner } = await instanceOf(newOwner());
          if (state === "running") await driver.startInstance(owner, recordedWait());
          const files = [
            { path, content: '{"type":"sync","metadata":"ä"}\n', mode: 0o600 },
            { path: "/etc/systemd/network/10-eth0.network", content: "[Match]\nName=eth0\n", mode: 0o644 },
          ];
          await driver.writeFiles(owner, files, recordedWait());
          await driver.writeFiles(owner, files, recordedWait());
          for (const file of files) expect(await driver.readFile(owner, file.path, recordedWait())).toBe(file.content);
          expect(await attributes(owner)).toBe("0600 0 0");
        },
      );

      test("are replaced, with their mode", async () => {
        const { owner } = await instanceOf(newOwner());
        await driver.writeFiles(owner, [{ path, content: "a long first content", mode: 0o644 }], recordedWait());
        await driver.writeFiles(owner, [{ path, content: "short", mode: 0o644 }], recordedWait());
        expect(await driver.readFile(owner, path, recordedWait())).toBe("short");
        await driver.writeFiles(owner, [{ path, content: "secret", mode: 0o600 }], recordedWait());
        expect(await driver.readFile(owner, path, recordedWait())).toBe("secret");
        expect(await attributes(owner)).toBe("0600 0 0");
      });

      test("are left as they are when nobody wants them any more", async () => {
        const { owner } = await instanceOf(newOwner());
        await driver.writeFiles(owner, [{ path, content: "the first", mode: 0o644 }], recordedWait());
        await driver.writeFiles(owner, [{ path, content: "too late", mode: 0o644 }], unwantedWait());
        expect(await driver.readFile(owner, path, recordedWait())).toBe("the first");
      });

      test("may be empty, and are null where there are none", async () => {
        const { owner } = await instanceOf(newOwner());
        expect(await driver.readFile(owner, path, recordedWait())).toBeNull();
        expect(await driver.readFile(owner, "/no/such/folder/file", recordedWait())).toBeNull();
        await driver.writeFiles(owner, [{ path, content: "", mode: 0o600 }], recordedWait());
        expect(await driver.readFile(owner, path, recordedWait())).toBe("");
      });

      test("need their folder, and are no folders", async () => {
        const { owner } = await instanceOf(newOwner());
        const write = (to: string) =>
          driver.writeFiles(owner, [{ path: to, content: "", mode: 0o600 }], recordedWait());
        const permanent = failure("infrastructure_error", false);
        await expect(write("/no/such/folder/file")).rejects.toMatchObject(permanent);
        await expect(write("/etc")).rejects.toMatchObject(permanent);
        await expect(driver.readFile(owner, "/etc", recordedWait())).rejects.toMatchObject(permanent);
      });

      test("are not touched in a foreign instance, nor missed in one that is gone", async () => {
        const owner = newOwner();
        const files = [{ path, content: "", mode: 0o600 }];
        const gone = failure("infrastructure_error", false);
        await expect(driver.writeFiles(owner, files, recordedWait())).rejects.toMatchObject(gone);
        await expect(driver.readFile(owner, path, recordedWait())).rejects.toMatchObject(gone);
        const name = instanceName(owner.id);
        await target.plantForeign(name);
        const conflict = failure("instance_conflict", false);
        await expect(driver.writeFiles(owner, files, recordedWait())).rejects.toMatchObject(conflict);
        await expect(driver.readFile(owner, path, recordedWait())).rejects.toMatchObject(conflict);
        await target.removeForeign(name);
      });
    });

    describe("access rules", () => {
      const listPath = () => `/1.0/network-acls/cloudnexus-${target.region.network}?project=${target.region.project}`;
      const networkPath = () => `/1.0/networks/${target.region.network}?project=${target.region.project}`;
      const rulesFor = (sources: string[], port = 5432): AccessRules => ({
        ipv4: target.addresses[0] ?? "",
        port,
        sources,
      });
      const setRules = (owner: Owner, rules: AccessRules) => driver.setAccessRules(owner, rules, recordedWait());

      async function rulesOf(owner: Owner): Promise<object[]> {
        const list = await target.query<{ ingress: { description: string }[] }>("GET", listPath());
        return list.ingress.filter((rule) => rule.description === owner.id);
      }

      test("reject everybody else, and every other port; a second call changes nothing", async () => {
        const owner = newOwner();
        const rules = rulesFor(["10.20.0.0/16", "10.21.0.7"]);
        await setRules(owner, rules);
        await setRules(owner, rules);
        const rule = { action: "reject", destination: rules.ipv4, description: owner.id, state: "enabled" };
        expect(await rulesOf(owner)).toEqual([
          { ...rule, source: "0.0.0.0-10.19.255.255,10.21.0.0-10.21.0.6,10.21.0.8-255.255.255.255" },
          { ...rule, protocol: "tcp", destination_port: "1-5431,5433-65535" },
          { ...rule, protocol: "udp" },
        ]);
      });

      test("are attached to the network, which lets everything else through as before", async () => {
        await setRules(newOwner(), rulesFor(["10.20.0.0/16"]));
        const network = await target.query<{ config: Record<string, string> }>("GET", networkPath());
        expect(network.config["security.acls"]?.split(",")).toContain(`cloudnexus-${target.region.network}`);
        expect(network.config).toMatchObject({
          "ipv4.address": `${target.region.gateway}/${target.region.prefixLength}`,
          "security.acls.default.ingress.action": "allow",
          "security.acls.default.egress.action": "allow",
        });
        await driver.checkHealth();
      });

      test("are told by an inventory as what was asked for, unless somebody took them off the network", async () => {
        const owner = newOwner();
        const rules = rulesFor(["10.20.0.0/16"]);
        const told = async () => {
          const { accessRules } = await driver.takeInventory(AbortSignal.timeout(60_000));
          return accessRules.find(({ ownerId }) => ownerId === owner.id)?.text;
        };
        expect(await told()).toBeUndefined();
        await setRules(owner, rules);
        expect(await told()).toBe(driver.accessRulesText(owner, rules));
        expect(await told()).not.toBe(driver.accessRulesText(owner, rulesFor(["10.20.0.0/15"])));
        expect(await told()).not.toBe(driver.accessRulesText(owner, rulesFor(["10.20.0.0/16"], 5433)));
        expect(await told()).not.toBe(
          driver.accessRulesText(owner, { ...rules, ipv4: target.addresses[1] ?? "10.20.0.1" }),
        );

        const network = await target.query<{ config: Record<string, string> }>("GET", networkPath());
        await target.query("PUT", networkPath(), { config: { ...network.config, "security.acls": "" } });
        expect(await told()).not.toBe(driver.accessRulesText(owner, rules));
        await setRules(owner, rules);
        expect(await told()).toBe(driver.accessRulesText(owner, rules));
      });

      test("replace the earlier ones of their owner and nobody else's; removing them is repeatable", async () => {
        const [owner, other] = [newOwner(), newOwner()];
        await Promise.all([setRules(owner, rulesFor(["10.20.0.0/16"])), setRules(other, rulesFor(["10.22.0.0/16"]))]);
        const before = await rulesOf(other);
        await setRules(owner, rulesFor(["0.0.0.0/0"]));
        expect(await rulesOf(owner)).toHaveLength(2);
        await driver.removeAccessRules(owner, recordedWait());
        await driver.removeAccessRules(owner, recordedWait());
        expect(await rulesOf(owner)).toEqual([]);
        expect(await rulesOf(other)).toEqual(before);
      });

      test("are not set when nobody wants them any more", async () => {
        const owner = newOwner();
        await driver.setAccessRules(owner, rulesFor(["10.20.0.0/16"]), unwantedWait());
        expect(await rulesOf(owner)).toEqual([]);
      });

      test("of many owners, set by several workers at once, are all there", async () => {
        const workers = [1, 2, 3].map(() => createIncusDriver(target.region));
        const all = [1, 2, 3, 4].flatMap(() => workers.map((worker) => ({ worker, owner: newOwner() })));
        const sources = ["10.20.0.0/16"];
        await Promise.all(
          all.map(({ worker, owner }) => worker.setAccessRules(owner, rulesFor(sources), recordedWait())),
        );
        for (const { owner } of all) expect(await rulesOf(owner)).toHaveLength(3);
        await Promise.all(all.map(({ worker, owner }) => worker.removeAccessRules(owner, recordedWait())));
        for (const { owner } of all) expect(await rulesOf(owner)).toEqual([]);
        await Promise.all(workers.map((worker) => worker.close()));
      });
    });
  });
}
