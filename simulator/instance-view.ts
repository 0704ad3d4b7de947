import { nicsOf } from "./instance-rules.ts";
import { parseByteSize } from "./sizes.ts";
import type { InstanceRecord, State } from "./state.ts";
import { etagOf } from "./wire.ts";

const statusCodes = { Running: 103, Stopped: 102, Frozen: 110 };

export function instanceEtag(instance: InstanceRecord): string {
  const sorted = (map: Record<string, unknown>) => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
  const devices = sorted(instance.devices).map(([name, device]) => [name, sorted(device as Record<string, unknown>)]);
  return etagOf([instance.ephemeral, instance.profiles, devices, sorted(instance.config)]);
}

export function renderInstance(instance: InstanceRecord): Record<string, unknown> {
  return {
    architecture: "x86_64",
    config: instance.config,
    devices: instance.devices,
    ephemeral: instance.ephemeral,
    profiles: instance.profiles,
    stateful: false,
    description: instance.description,
    created_at: instance.createdAt,
    expanded_config: instance.config,
    expanded_devices: instance.devices,
    name: instance.name,
    status: instance.status,
    status_code: statusCodes[instance.status],
    last_used_at: timestamp(instance.startedAtMs ?? 0),
    location: "none",
    type: "container",
    project: instance.project,
  };
}

export function renderInstanceFull(state: State, instance: InstanceRecord): Record<string, unknown> {
  return { ...renderInstance(instance), backups: null, state: renderInstanceState(state, instance), snapshots: null };
}

export function renderInstanceState(state: State, instance: InstanceRecord): Record<string, unknown> {
  const runs = instance.startedAtMs !== null;
  const memoryTotal = limitOf(instance.config["limits.memory"]);
  const memoryUsage = Math.min(48 * 1_024 ** 2, memoryTotal);
  const root = Object.entries(instance.devices).find(([, device]) => device["path"] === "/");
  const disk = root === undefined ? {} : { [root[0]]: { usage: 350 * 1_024 ** 2, total: limitOf(root[1]["size"]) } };
  const idle = { usage: 0, usage_peak: 0, total: 0, swap_usage: 0, swap_usage_peak: 0 };
  return {
    status: instance.status,
    status_code: statusCodes[instance.status],
    disk,
    memory: runs ? { ...idle, usage: memoryUsage, usage_peak: memoryUsage, total: memoryTotal } : idle,
    network: runs ? renderInterfaces(state, instance) : null,
    pid: runs ? 4_242 : 0,
    processes: runs ? 12 : 0,
    cpu: {
      usage: runs ? (Date.now() - (instance.startedAtMs ?? 0)) * 10_000 : 0,
      allocated_time: (instance.cpus ?? 0) * 1_000_000_000,
    },
    started_at: runs ? timestamp(instance.startedAtMs ?? 0) : "0001-01-01T00:00:00Z",
    os_info: null,
  };
}

/** A guest has its address once it has booted: until then the interface is there without one. */
function renderInterfaces(state: State, instance: InstanceRecord): Record<string, unknown> {
  const interfaces: Record<string, unknown> = {
    lo: renderInterface(
      [{ family: "inet", address: "127.0.0.1", netmask: "8", scope: "local" }],
      "",
      "",
      65_536,
      "loopback",
    ),
  };
  const booted = hasBooted(instance, Date.now());
  for (const [deviceName, nic] of nicsOf(instance)) {
    const address = nic["ipv4.address"] ?? "";
    const netmask = state.networks.get(nic["network"] ?? "")?.config["ipv4.address"]?.split("/")[1] ?? "24";
    const addresses = booted && address !== "" ? [{ family: "inet", address, netmask, scope: "global" }] : [];
    const hardwareAddress = nic["hwaddr"] ?? instance.config[`volatile.${deviceName}.hwaddr`] ?? "";
    interfaces[nic["name"] ?? deviceName] = renderInterface(
      addresses,
      hardwareAddress,
      `veth${hardwareAddress.slice(-8).replaceAll(":", "")}`,
      1_500,
      "broadcast",
    );
  }
  return interfaces;
}

function renderInterface(addresses: unknown[], hwaddr: string, hostName: string, mtu: number, type: string): unknown {
  const counters = {
    bytes_received: 0,
    bytes_sent: 0,
    packets_received: 0,
    packets_sent: 0,
    errors_received: 0,
    errors_sent: 0,
    packets_dropped_outbound: 0,
    packets_dropped_inbound: 0,
  };
  return { addresses, counters, hwaddr, host_name: hostName, mtu, state: "up", type };
}

export function hasBooted(instance: InstanceRecord, nowMs: number): boolean {
  return instance.bootedAtMs !== null && nowMs >= instance.bootedAtMs;
}

function limitOf(size: string | undefined): number {
  if (size === undefined || size === "" || size.endsWith("%")) return 0;
  return parseByteSize(size);
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}
