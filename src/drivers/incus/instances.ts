import type { InstanceSize, InstanceSpec, InstanceStatus, InstanceView } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import { instanceName, volumeName } from "./instance-name.ts";
import { ownerFromTags, ownershipTags } from "./ownership.ts";
import type { IncusRegionOptions } from "./region-options.ts";
import { apiPath, type Transport } from "./transport.ts";
import type {
  WireInstance,
  WireInstancePatch,
  WireInstancePost,
  WireInstanceRebuildPost,
  WireInstanceStatePut,
} from "./wire.ts";

const NIC = "eth0";
const ROOT_DISK = "root";
const DATA_DISK = "data";
const USER_DATA = "cloud-init.user-data";

export type Instances = ReturnType<typeof createInstances>;

/** The requests of the noun instance, one each. What they mean together is said by the procedures (create-instance.ts and its siblings). */
export function createInstances(transport: Transport, region: IncusRegionOptions) {
  return {
    async find(name: string, signal?: AbortSignal): Promise<WireInstance | null> {
      try {
        return await transport.read<WireInstance>(apiPath("instances", name), { signal });
      } catch (error) {
        // Without a project, everything in it is "not found": that must not pass for a deleted instance.
        if (error instanceof IncusError && error.status === 404 && !/project not found/i.test(error.text)) return null;
        throw error;
      }
    },

    async list(signal?: AbortSignal): Promise<WireInstance[]> {
      return await transport.read<WireInstance[]>(apiPath("instances"), { query: { recursion: "1" }, signal });
    },

    /**
     * Changes the limits at once; the rest of configuration and devices stays.
     *
     * Incus up to 6.0.4 gives the running guests their CPUs while such a change is on its way, by the limits that it finds in its database then: the old ones
     * every so often, and it does not look again. So they are written twice, in two spellings of one number: whichever the second look finds is right.
     */
    async resize({ name, config, devices }: WireInstance, size: InstanceSize, signal: AbortSignal): Promise<void> {
      const { "limits.cpu": cpus } = limitsOf(size);
      if (config["limits.cpu"] !== cpus) {
        const first: WireInstancePatch = { config: { "limits.cpu": `0${cpus}` } };
        await transport.write({ method: "PATCH", path: apiPath("instances", name), body: first, signal });
      }
      const body: WireInstancePatch = {
        config: limitsOf(size),
        devices: { [ROOT_DISK]: { ...devices[ROOT_DISK], size: diskSize(size) } },
      };
      await transport.write({ method: "PATCH", path: apiPath("instances", name), body, signal });
    },

    /** What the guest reads at its next boot, as a new machine. */
    async setUserData(name: string, userData: string, signal: AbortSignal): Promise<void> {
      const body: WireInstancePatch = { config: { [USER_DATA]: userData } };
      await transport.write({ method: "PATCH", path: apiPath("instances", name), body, signal });
    },

    /** All of these answer the id of the operation that does the work. */
    async create(spec: InstanceSpec, signal: AbortSignal): Promise<string> {
      const body = instancePost(spec, region);
      return await transport.begin({ method: "POST", path: apiPath("instances"), body, signal });
    },

    async changeState(name: string, body: WireInstanceStatePut, signal: AbortSignal): Promise<string> {
      return await transport.begin({ method: "PUT", path: apiPath("instances", name, "state"), body, signal });
    },

    async rebuild(name: string, imageFingerprint: string, signal: AbortSignal): Promise<string> {
      const body: WireInstanceRebuildPost = { source: { type: "image", fingerprint: imageFingerprint } };
      return await transport.begin({ method: "POST", path: apiPath("instances", name, "rebuild"), body, signal });
    },

    async delete(name: string, signal: AbortSignal): Promise<string> {
      return await transport.begin({ method: "DELETE", path: apiPath("instances", name), signal });
    },
  };
}

/** Everything is said here, nothing left to profiles. `boot.autostart` stays unset: after a restart of its host a server is as it was, on or off. */
function instancePost(spec: InstanceSpec, region: IncusRegionOptions): WireInstancePost {
  return {
    name: instanceName(spec.owner.id),
    type: "container",
    source: { type: "image", fingerprint: spec.imageFingerprint },
    profiles: [],
    config: {
      ...ownershipTags(spec.owner),
      ...limitsOf(spec),
      ...(spec.userData === null ? {} : { [USER_DATA]: spec.userData }),
      ...(spec.networkConfig === null ? {} : { "cloud-init.network-config": spec.networkConfig }),
    },
    devices: {
      [ROOT_DISK]: { type: "disk", path: "/", pool: region.storagePool, size: diskSize(spec) },
      [NIC]: {
        type: "nic",
        name: NIC,
        network: region.network,
        hwaddr: hardwareAddress(spec.ipv4),
        "ipv4.address": spec.ipv4,
      },
      ...(spec.volume === null ? {} : { [DATA_DISK]: dataDisk(spec.owner.id, spec.volume.path, region) }),
    },
  };
}

function limitsOf({ vcpus, memoryMib }: InstanceSize) {
  return { "limits.cpu": String(vcpus), "limits.memory": `${memoryMib}MiB` };
}

function diskSize({ diskGib }: InstanceSize): string {
  return `${diskGib}GiB`;
}

export function hasSize(instance: WireInstance, size: InstanceSize): boolean {
  const hasLimits = Object.entries(limitsOf(size)).every(([key, value]) => instance.config[key] === value);
  return hasLimits && instance.devices[ROOT_DISK]?.["size"] === diskSize(size);
}

/** The limits as they are written by `limitsOf`; null if somebody else wrote them in other words. */
function sizeOf({ config, devices }: WireInstance): InstanceSize | null {
  const [cpus, memory, disk] = [config["limits.cpu"], config["limits.memory"], devices[ROOT_DISK]?.["size"]];
  const number = (text: string | undefined, unit: string) =>
    text !== undefined && new RegExp(`^[1-9]\\d*${unit}$`).test(text) ? Number.parseInt(text, 10) : null;
  const [vcpus, memoryMib, diskGib] = [number(cpus, ""), number(memory, "MiB"), number(disk, "GiB")];
  return vcpus === null || memoryMib === null || diskGib === null ? null : { vcpus, memoryMib, diskGib };
}

function dataDisk(ownerId: string, path: string, region: IncusRegionOptions): Record<string, string> {
  return { type: "disk", path, pool: region.storagePool, source: volumeName(ownerId) };
}

/**
 * The hardware address follows from the address, under a locally administered prefix. With a random one, neighbours that remember the last holder of an
 * address (its host above all) keep sending to that one's card, and a server on a reused address is out of reach for half a minute.
 */
function hardwareAddress(ipv4: string): string {
  const octets = ipv4.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return ["02", "ce", ...octets].join(":");
}

export function viewOf(instance: WireInstance): InstanceView {
  return {
    name: instance.name,
    owner: ownerFromTags(instance.config),
    status: statusOf(instance),
    ipv4: addressOf(instance),
    imageFingerprint: imageOf(instance),
    size: sizeOf(instance),
  };
}

/** The image that its disk was made from. */
export function imageOf(instance: WireInstance): string | null {
  return instance.config["volatile.base_image"] ?? null;
}

export function hasUserData(instance: WireInstance, userData: string): boolean {
  return instance.config[USER_DATA] === userData;
}

/** The last thing a create or a rebuild does is to note that the image's templates are due at the first start. */
export function isFresh(instance: WireInstance): boolean {
  return instance.config["volatile.apply_template"] === "create";
}

export function statusOf(instance: WireInstance): InstanceStatus {
  if (instance.status === "Running") return "running";
  return instance.status === "Stopped" ? "stopped" : "other";
}

/** Where the guest finds its data volume; null without one. */
export function dataPathOf(instance: WireInstance): string | null {
  return instance.devices[DATA_DISK]?.["path"] ?? null;
}

export function addressOf(instance: WireInstance): string | null {
  return instance.devices[NIC]?.["ipv4.address"] ?? null;
}
