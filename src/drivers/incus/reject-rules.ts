import type { AccessRules, Owner } from "../compute.ts";
import { complementOf, rangeOf, rangeText } from "./ipv4-ranges.ts";
import type { WireAclRule } from "./wire.ts";

const LAST_PORT = 65_535;

/**
 * What lets only the sources reach the address, and there only the port. Incus looks at what is rejected before what is allowed, and lets through what no
 * rule names; so everything else is rejected. Answers to what the guest itself began pass before any rule.
 */
export function rejectRules(owner: Owner, { ipv4, port, sources }: AccessRules): WireAclRule[] {
  // Instances have IPv4 addresses only: a source of another kind never gets here.
  const strangers = complementOf(sources.map(rangeOf).filter((range) => range !== null));
  const rule = { action: "reject", destination: ipv4, description: owner.id, state: "enabled" };
  return [
    ...(strangers.length === 0 ? [] : [{ ...rule, source: strangers.map(rangeText).join(",") }]),
    { ...rule, protocol: "tcp", destination_port: otherPorts(port) },
    { ...rule, protocol: "udp" },
  ];
}

function otherPorts(port: number): string {
  return [portRange(1, port - 1), portRange(port + 1, LAST_PORT)].filter((range) => range !== null).join(",");
}

function portRange(first: number, last: number): string | null {
  if (first > last) return null;
  return first === last ? String(first) : `${first}-${last}`;
}
