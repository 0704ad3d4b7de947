import { cpuTotal, parseByteSize } from "./sizes.ts";
import type { State } from "./state.ts";
import { ApiError, type ApiRequest, etagOf, type Reply, type Route, sync } from "./wire.ts";

const memoryTotal = 1_024 ** 4;

export function serverRoutes(state: State): Route[] {
  return [
    { method: "GET", pattern: "/", handler: () => sync(["/1.0"]) },
    { method: "GET", pattern: "/1.0", handler: (request) => getServer(request) },
    { method: "GET", pattern: "/1.0/resources", handler: () => getResources(state) },
    { method: "GET", pattern: "/1.0/profiles", handler: () => sync(["/1.0/profiles/default"]) },
    { method: "GET", pattern: "/1.0/profiles/*", handler: (request) => getProfile(request) },
  ];
}

function getServer(request: ApiRequest): Reply {
  const server = {
    config: {},
    api_extensions: ["projects", "instances", "api_filtering", "instance_all_projects", "network_leases", "cloud_init"],
    api_status: "stable",
    api_version: "1.0",
    auth: "trusted",
    public: false,
    auth_methods: ["tls"],
    auth_user_name: "root",
    auth_user_method: "unix",
    environment: {
      addresses: [],
      architectures: ["x86_64"],
      certificate: "",
      certificate_fingerprint: "",
      driver: "lxc",
      driver_version: "5.0.2",
      firewall: "nftables",
      kernel: "Linux",
      kernel_architecture: "x86_64",
      project: request.project,
      server: "incus",
      server_clustered: false,
      server_name: "simulator",
      server_pid: process.pid,
      server_version: "6.0.4-simulator",
      storage: "btrfs",
      storage_version: "6.2",
    },
  };
  return sync(server, { etag: etagOf(server.config) });
}

function getResources(state: State): Reply {
  const limits = [...state.instances.values()]
    .filter((instance) => instance.startedAtMs !== null)
    .map((instance) => instance.config["limits.memory"] ?? "")
    .filter((limit) => limit !== "" && !limit.endsWith("%"));
  const used = limits.reduce((sum, limit) => sum + parseByteSize(limit), 0);
  return sync({
    cpu: { architecture: "x86_64", sockets: [], total: cpuTotal },
    memory: { hugepages_total: 0, hugepages_used: 0, hugepages_size: 2_097_152, used, total: memoryTotal },
    system: { uuid: "", vendor: "CloudNexus", product: "Simulator", type: "virtual-machine" },
  });
}

function getProfile(request: ApiRequest): Reply {
  if (request.params[0] !== "default") throw new ApiError(404, "Profile not found");
  const profile = {
    config: {},
    description: "Default Incus profile",
    devices: {},
    name: "default",
    used_by: [],
    project: "default",
  };
  return sync(profile, { etag: etagOf([profile.config, profile.devices]) });
}
