import { parseObject, stringField, stringMapField } from "./body.ts";
import { nicsOf } from "./instance-rules.ts";
import { listOf } from "./network-acls.ts";
import { projectFor } from "./projects.ts";
import { aclKey, type NetworkRecord, type State, type StringMap } from "./state.ts";
import {
  ApiError,
  type ApiRequest,
  checkIfMatch,
  empty,
  etagOf,
  type Reply,
  type Route,
  recursionOf,
  resourceUrl,
  sync,
} from "./wire.ts";

interface Lease {
  hostname: string;
  hwaddr: string;
  address: string;
  type: "gateway" | "static";
  location: string;
}

export function networkRoutes(state: State): Route[] {
  return [
    { method: "GET", pattern: "/1.0/networks", handler: (request) => listNetworks(state, request) },
    { method: "POST", pattern: "/1.0/networks", handler: (request) => createNetwork(state, request) },
    { method: "GET", pattern: "/1.0/networks/*", handler: (request) => getNetwork(state, request) },
    { method: "PUT", pattern: "/1.0/networks/*", handler: (request) => replaceNetwork(state, request) },
    { method: "GET", pattern: "/1.0/networks/*/leases", handler: (request) => getLeases(state, request) },
  ];
}

/** Bridges live in the default project; a project with networks of its own has none here. */
function findNetwork(state: State, request: ApiRequest, context = ""): NetworkRecord {
  const network =
    projectFor(state, request, "networks") === "default" ? state.networks.get(request.params[0] ?? "") : undefined;
  if (network === undefined) throw new ApiError(404, `${context}Network not found`);
  return network;
}

function listNetworks(state: State, request: ApiRequest): Reply {
  const networks = projectFor(state, request, "networks") === "default" ? [...state.networks.values()] : [];
  if (recursionOf(request) > 0) return sync(networks.map((network) => renderNetwork(state, network)));
  return sync(networks.map((network) => `/1.0/networks/${network.name}`));
}

function getNetwork(state: State, request: ApiRequest): Reply {
  const network = findNetwork(state, request);
  return sync(renderNetwork(state, network), { etag: networkEtag(network) });
}

function networkEtag(network: NetworkRecord): string {
  return etagOf([network.name, network.description, network.config]);
}

function replaceNetwork(state: State, request: ApiRequest): Reply {
  const network = findNetwork(state, request, "Failed loading network: ");
  checkIfMatch(request, networkEtag(network));
  const body = parseObject(request.body);
  const config = stringMapField(body, "config") ?? {};
  for (const acl of listOf(config["security.acls"])) {
    if (!state.acls.has(aclKey("default", acl))) throw new ApiError(400, `Network ACL "${acl}" does not exist`);
  }
  state.commit(["networks", network.name, { ...network, description: stringField(body, "description"), config }]);
  return empty();
}

function createNetwork(state: State, request: ApiRequest): Reply {
  const body = parseObject(request.body);
  const name = stringField(body, "name");
  const type = stringField(body, "type");
  if (name === "") throw new ApiError(400, "No name provided");
  if (type !== "" && type !== "bridge") throw new ApiError(400, `Network type ${type} is not simulated: use bridge`);
  if (!/^[-A-Za-z0-9_.]{2,15}$/.test(name)) throw new ApiError(400, `Invalid network name "${name}"`);
  if (state.networks.has(name)) throw new ApiError(409, `Network "${name}" already exists`);
  const config: StringMap = { "ipv4.nat": "true", "ipv6.address": "none", ...stringMapField(body, "config") };
  if ((config["ipv4.address"] ?? "auto") === "auto") config["ipv4.address"] = `10.${100 + state.networks.size}.0.1/24`;
  state.commit(["networks", name, { name, description: stringField(body, "description"), config }]);
  return sync(null, { location: `/1.0/networks/${name}` });
}

function renderNetwork(state: State, network: NetworkRecord): Record<string, unknown> {
  const usedBy = [...state.instances.values()]
    .filter((instance) => nicsOf(instance).some(([, nic]) => nic["network"] === network.name))
    .map((instance) => resourceUrl(`/1.0/instances/${instance.name}`, instance.project));
  return {
    config: network.config,
    description: network.description,
    name: network.name,
    type: "bridge",
    used_by: usedBy,
    managed: true,
    status: "Created",
    locations: ["none"],
    project: "default",
  };
}

function getLeases(state: State, request: ApiRequest): Reply {
  const network = findNetwork(state, request, "Failed loading network: ");
  const gateway = network.config["ipv4.address"]?.split("/")[0] ?? "none";
  const leases = staticLeases(state, network.name, request.project);
  if (request.project !== "default" || gateway === "none") return sync(leases);
  return sync([
    { hostname: `${network.name}.gw`, hwaddr: "", address: gateway, type: "gateway", location: "" },
    ...leases,
  ]);
}

/** The addresses that instances of a project hold on a network, running or not. */
export function staticLeases(state: State, network: string, project: string): Lease[] {
  const leases: Lease[] = [];
  for (const instance of state.instances.values()) {
    if (instance.project !== project) continue;
    for (const [name, nic] of nicsOf(instance)) {
      const address = nic["ipv4.address"] ?? "";
      if (nic["network"] !== network || address === "" || address === "none") continue;
      const hwaddr = nic["hwaddr"] ?? instance.config[`volatile.${name}.hwaddr`] ?? "";
      leases.push({ hostname: instance.name, hwaddr, address, type: "static", location: "none" });
    }
  }
  return leases;
}
