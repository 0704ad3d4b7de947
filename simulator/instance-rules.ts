import { addressInNetwork, sameAddress } from "./ipv4.ts";
import { projectFor } from "./projects.ts";
import { parseByteSize } from "./sizes.ts";
import { type Devices, type InstanceRecord, type State, type StringMap, volumeKey } from "./state.ts";
import { ApiError } from "./wire.ts";

/** Throws what Incus says of a name that is no hostname. */
export function checkInstanceName(name: string): void {
  const why = nameProblem(name);
  if (name.includes("/")) throw new ApiError(400, 'The character "/" is reserved for snapshots');
  if (why !== null) throw new ApiError(400, `Invalid instance name: ${why}`);
}

function nameProblem(name: string): string | null {
  if (name.length < 1 || name.length > 63) return "Name must be 1-63 characters long";
  if (name.startsWith("-")) return 'Name must not start with "-" character';
  if (name.endsWith("-")) return 'Name must not end with "-" character';
  if (/^\d+$/.test(name)) return "Name cannot be a number";
  if (!/^[-a-zA-Z0-9]+$/.test(name)) return "Name can only contain alphanumeric and hyphen characters";
  return null;
}

const freeKeys =
  /^(user|environment|image|volatile|limits\.kernel|linux\.sysctl|security|snapshots|boot|nvidia|raw)\../;
const knownKeys = new Set([
  "cloud-init.network-config",
  "cloud-init.user-data",
  "cloud-init.vendor-data",
  "cluster.evacuate",
  "limits.cpu",
  "limits.cpu.allowance",
  "limits.cpu.nodes",
  "limits.cpu.priority",
  "limits.disk.priority",
  "limits.memory",
  "limits.memory.enforce",
  "limits.memory.swap",
  "limits.memory.swap.priority",
  "limits.processes",
  "linux.kernel_modules",
  "migration.stateful",
]);

export function checkConfig(config: StringMap): void {
  for (const [key, value] of Object.entries(config)) {
    if (!freeKeys.test(key) && !knownKeys.has(key)) throw new ApiError(500, `Unknown configuration key: ${key}`);
    if (value === "") continue;
    if (key === "limits.cpu") checkCpuLimit(value);
    if (key === "limits.memory") checkMemoryLimit(value);
  }
}

function checkCpuLimit(value: string): void {
  if (!/^\d+([,-]\d+)?(,\d+([,-]\d+)*)?$/.test(value)) throw new ApiError(500, "Invalid CPU limit syntax");
  if (/^0+$/.test(value)) throw new ApiError(500, `Invalid cpuset value: ${value}`);
}

function checkMemoryLimit(value: string): void {
  if (/^0+%$/.test(value)) throw new ApiError(500, "Memory limit can't be 0%");
  if (/^\d+%$/.test(value)) return;
  if (parseByteSize(value) === 0) throw new ApiError(500, "Memory limit can't be 0");
}

/** Checks devices and returns the pool of the root disk. */
export function checkDevices(state: State, project: string, devices: Devices): string {
  for (const [name, device] of Object.entries(devices)) {
    try {
      checkDevice(state, name, device);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new ApiError(error.status, `Invalid devices: Device validation failed for "${name}": ${error.message}`);
    }
  }
  const root = Object.values(devices).find((device) => device["type"] === "disk" && device["path"] === "/");
  if (root === undefined) throw new ApiError(500, "Failed getting root disk: No root device could be found");
  const pool = root["pool"] ?? "";
  if (pool === "") throw new ApiError(500, "The instance's root device is missing the pool property");
  if (!state.pools.has(pool)) throw new ApiError(404, "Failed loading storage pool: Storage pool not found");
  for (const [name, device] of Object.entries(devices)) {
    if (device["type"] === "disk" && device["path"] !== "/") checkVolume(state, project, name, device);
  }
  return pool;
}

function checkDevice(state: State, name: string, device: StringMap): void {
  if (device["type"] === "nic") checkNic(state, name, device);
  else if (device["type"] === "disk") checkDisk(device);
  else if (!["none", "proxy", "unix-char", "unix-block"].includes(device["type"] ?? ""))
    throw new ApiError(500, "Unsupported device type");
}

function checkDisk(device: StringMap): void {
  const size = device["size"] ?? "";
  if (size === "") return;
  if (device["path"] !== "/") throw new ApiError(500, "Only the root disk may have a size quota");
  try {
    parseByteSize(size);
  } catch (error) {
    throw new ApiError(
      500,
      `Invalid value for device option "size": ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function checkVolume(state: State, project: string, deviceName: string, device: StringMap): void {
  const [pool, name] = [device["pool"] ?? "", device["source"] ?? ""];
  const context = `Failed add validation for device "${deviceName}": `;
  if (pool === "" || name === "")
    throw new ApiError(500, `${context}Paths of the host are not simulated: name a pool and a volume`);
  if (!state.pools.has(pool))
    throw new ApiError(404, `${context}Failed to get storage pool "${pool}": Storage pool not found`);
  const volume = { pool, project: projectFor(state, { project }, "storage.volumes"), type: "custom", name } as const;
  if (!state.volumes.has(volumeKey(volume)))
    throw new ApiError(404, `${context}Failed loading custom volume: Storage volume not found`);
}

function checkNic(state: State, deviceName: string, device: StringMap): void {
  const networkName = device["network"] ?? "";
  const network = state.networks.get(networkName);
  if (network === undefined) {
    const load = `Failed to load network "${networkName}" for project "default": Network not found`;
    throw new ApiError(404, `Failed loading device "${deviceName}": ${load}`);
  }
  const address = device["ipv4.address"] ?? "";
  if (address === "" || address === "none") return;
  const cidr = network.config["ipv4.address"] ?? "none";
  if (!addressInNetwork(address, cidr)) {
    throw new ApiError(500, `Device IP address "${address}" not within network "${networkName}" subnet`);
  }
  if (sameAddress(address, cidr.split("/")[0] ?? "")) {
    throw new ApiError(500, `IP address "${address}" is assigned to parent managed network device ""`);
  }
}

/**
 * Incus lets two instances be made with one address and refuses to start either: another NIC on the same network, in whatever project, running or not,
 * is a conflict.
 */
export function checkStartConflicts(state: State, instance: InstanceRecord): void {
  for (const [deviceName, nic] of nicsOf(instance)) {
    for (const other of state.instances.values()) {
      if (other.project === instance.project && other.name === instance.name) continue;
      for (const [, otherNic] of nicsOf(other)) {
        if (otherNic["network"] !== nic["network"]) continue;
        const why = conflictOf(instance, nic, other, otherNic);
        if (why !== null) throw new ApiError(409, `Failed start validation for device "${deviceName}": ${why}`);
      }
    }
  }
}

function conflictOf(
  instance: InstanceRecord,
  nic: StringMap,
  other: InstanceRecord,
  otherNic: StringMap,
): string | null {
  if (other.name.toLowerCase() === instance.name.toLowerCase()) {
    return `Instance DNS name "${other.name.toLowerCase()}" already used on network`;
  }
  const address = nic["ipv4.address"] ?? "";
  if (address === "" || !sameAddress(address, otherNic["ipv4.address"] ?? "")) return null;
  return `IP address "${address}" already defined on another NIC`;
}

export function nicsOf(instance: InstanceRecord): [name: string, nic: StringMap][] {
  return Object.entries(instance.devices).filter(([, device]) => device["type"] === "nic");
}
