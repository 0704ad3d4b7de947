import { addressMatches } from "./ipv4.ts";
import { listOf } from "./network-acls.ts";
import { type AclRule, aclKey, type NetworkRecord, type State } from "./state.ts";

/** A connection on its way into a network. */
interface Connection {
  source: string;
  destination: string;
  port: number;
}

/** Whether the access lists of a network let a TCP connection in: first what is dropped or rejected, then what is allowed, then the default. */
export function isLetIn(state: State, network: NetworkRecord, connection: Connection): boolean {
  const names = listOf(network.config["security.acls"]);
  if (names.length === 0) return true;
  const rules = names
    .flatMap((name) => state.acls.get(aclKey("default", name))?.ingress ?? [])
    .filter((rule) => rule.state !== "disabled" && concerns(rule, connection));
  if (rules.some((rule) => isRefusal(rule.action))) return false;
  return rules.length > 0 || !isRefusal(network.config["security.acls.default.ingress.action"] ?? "reject");
}

function isRefusal(action: string): boolean {
  return action === "drop" || action === "reject";
}

function concerns(rule: AclRule, { source, destination, port }: Connection): boolean {
  const names = (subjects: string, address: string) =>
    subjects === "" || listOf(subjects).some((subject) => addressMatches(address, subject));
  const isInRange = (range: string) => {
    const [first, last = first] = range.split("-").map(Number);
    return port >= (first ?? 0) && port <= (last ?? 0);
  };
  if (rule.protocol !== "" && rule.protocol !== "tcp") return false;
  if (rule.destination_port !== "" && !listOf(rule.destination_port).some(isInRange)) return false;
  return names(rule.source, source) && names(rule.destination, destination);
}
