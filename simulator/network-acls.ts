import { isObject, type JsonObject, parseObject, stringField, stringMapField } from "./body.ts";
import { isSubject } from "./ipv4.ts";
import { projectFor } from "./projects.ts";
import { type AclRecord, type AclRule, aclKey, type State } from "./state.ts";
import {
  ApiError,
  type ApiRequest,
  checkIfMatch,
  empty,
  etagOf,
  type Reply,
  type Route,
  recursionOf,
  sync,
} from "./wire.ts";

export function aclRoutes(state: State): Route[] {
  const all = "/1.0/network-acls";
  return [
    { method: "GET", pattern: all, handler: (request) => listAcls(state, request) },
    { method: "POST", pattern: all, handler: (request) => createAcl(state, request) },
    { method: "GET", pattern: `${all}/*`, handler: (request) => getAcl(state, request) },
    { method: "PUT", pattern: `${all}/*`, handler: (request) => replaceAcl(state, request) },
    { method: "DELETE", pattern: `${all}/*`, handler: (request) => deleteAcl(state, request) },
  ];
}

/** The parts of a list that is written with commas. */
export function listOf(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((part) => part !== "");
}

function findAcl(state: State, request: ApiRequest): AclRecord {
  const acl = state.acls.get(aclKey(projectFor(state, request, "networks"), request.params[0] ?? ""));
  if (acl === undefined) throw new ApiError(404, "Network ACL not found");
  return acl;
}

function listAcls(state: State, request: ApiRequest): Reply {
  const project = projectFor(state, request, "networks");
  const acls = [...state.acls.values()].filter((acl) => acl.project === project);
  return sync(
    recursionOf(request) > 0
      ? acls.map((acl) => renderAcl(state, acl))
      : acls.map((acl) => `/1.0/network-acls/${acl.name}`),
  );
}

function getAcl(state: State, request: ApiRequest): Reply {
  const acl = findAcl(state, request);
  return sync(renderAcl(state, acl), { etag: aclEtag(acl) });
}

function aclEtag({ name, description, ingress, egress, config }: AclRecord): string {
  return etagOf([name, description, ingress, egress, config]);
}

function createAcl(state: State, request: ApiRequest): Reply {
  const project = projectFor(state, request, "networks");
  const body = parseObject(request.body);
  const name = stringField(body, "name");
  if (state.acls.has(aclKey(project, name))) throw new ApiError(400, "The network ACL already exists");
  if (name === "") throw new ApiError(500, "Name is required");
  if (!/^[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(name))
    throw new ApiError(500, "Name can only contain alphanumeric and hyphen characters");
  state.commit(["acls", aclKey(project, name), { project, name, ...writable(body) }]);
  return sync(null, { location: `/1.0/network-acls/${name}` });
}

function replaceAcl(state: State, request: ApiRequest): Reply {
  const acl = findAcl(state, request);
  checkIfMatch(request, aclEtag(acl));
  state.commit(["acls", aclKey(acl.project, acl.name), { ...acl, ...writable(parseObject(request.body)) }]);
  return empty();
}

function deleteAcl(state: State, request: ApiRequest): Reply {
  const acl = findAcl(state, request);
  if (usersOf(state, acl).length > 0) throw new ApiError(500, "Cannot delete an ACL that is in use");
  state.commit(["acls", aclKey(acl.project, acl.name), null]);
  return empty();
}

function usersOf(state: State, acl: AclRecord): string[] {
  if (acl.project !== "default") return [];
  return [...state.networks.values()]
    .filter((network) => listOf(network.config["security.acls"]).includes(acl.name))
    .map((network) => `/1.0/networks/${network.name}`);
}

/** Rules come back without the fields that they leave out. */
function renderAcl(state: State, acl: AclRecord): Record<string, unknown> {
  const shorten = (rule: AclRule) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== ""));
  const [ingress, egress] = [acl.ingress.map(shorten), acl.egress.map(shorten)];
  return { ...acl, ingress, egress, used_by: usersOf(state, acl) };
}

function writable(body: JsonObject): Pick<AclRecord, "description" | "config" | "ingress" | "egress"> {
  const config = stringMapField(body, "config") ?? {};
  const unknown = Object.keys(config).find((key) => !key.startsWith("user."));
  if (unknown !== undefined) throw new ApiError(500, `Invalid config option "${unknown}"`);
  const [ingress, egress] = [rulesField(body, "ingress"), rulesField(body, "egress")];
  return { description: stringField(body, "description"), config, ingress, egress };
}

function rulesField(body: JsonObject, direction: "ingress" | "egress"): AclRule[] {
  const items: unknown = body[direction] ?? [];
  if (!Array.isArray(items) || !items.every(isObject)) throw new ApiError(400, "json: cannot unmarshal into rules");
  const rules = items.map(ruleOf);
  const texts = rules.map((rule) => JSON.stringify(rule));
  for (const [index, rule] of rules.entries()) {
    const why = ruleProblem(rule);
    if (why !== null) throw new ApiError(500, `Invalid ${direction} rule ${index}: ${why}`);
    if (texts.indexOf(texts[index] ?? "") !== index) throw new ApiError(500, `Duplicate of ${direction} rule ${index}`);
  }
  return rules;
}

function ruleOf(item: JsonObject): AclRule {
  return {
    action: stringField(item, "action"),
    source: stringField(item, "source"),
    destination: stringField(item, "destination"),
    protocol: stringField(item, "protocol"),
    source_port: stringField(item, "source_port"),
    destination_port: stringField(item, "destination_port"),
    icmp_type: stringField(item, "icmp_type"),
    icmp_code: stringField(item, "icmp_code"),
    description: stringField(item, "description"),
    state: stringField(item, "state"),
  };
}

const actions = ["allow", "allow-stateless", "drop", "reject"];
const states = ["enabled", "disabled", "logged"];
const protocols = ["icmp4", "icmp6", "tcp", "udp"];

function ruleProblem(rule: AclRule): string | null {
  if (!actions.includes(rule.action)) return `Action must be one of: ${actions.join(", ")}`;
  if (!states.includes(rule.state)) return `State must be one of: ${states.join(", ")}`;
  const source = listOf(rule.source).find((subject) => !isSubject(subject));
  if (source !== undefined) return `Invalid Source: Invalid subject "${source}"`;
  const destination = listOf(rule.destination).find((subject) => !isSubject(subject));
  if (destination !== undefined) return `Invalid Destination: Invalid subject "${destination}"`;
  if (rule.protocol !== "" && !protocols.includes(rule.protocol))
    return `Protocol must be one of: ${protocols.join(", ")}`;
  if (rule.protocol === "" && rule.destination_port !== "")
    return "Destination port cannot be used without specifying protocol";
  const port = listOf(rule.destination_port).find((range) => !isPortRange(range));
  return port === undefined ? null : `Invalid Destination port: Invalid port number "${port}"`;
}

function isPortRange(text: string): boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  return match !== null && (match[2] === undefined || Number(match[1]) < Number(match[2]));
}
