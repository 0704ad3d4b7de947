import { isIPv6 } from "node:net";

const GROUPS = 8;
const GROUPS_OF_NETWORK = 4;

/** Whom a limit by address is about: an IPv4 address, or the /64 network of an IPv6 one, since whoever has one of its addresses has them all. */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const [text = ""] = address.split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(text) ? `${groupsOf(text).slice(0, GROUPS_OF_NETWORK).join(":")}::/64` : text;
}

/** The groups of the address, with those that `::` stands for. */
function groupsOf(address: string): string[] {
  const [before = [], after = []] = address.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const missing = address.includes("::") ? Math.max(0, GROUPS - before.length - after.length) : 0;
  const groups = [...before, ...Array.from({ length: missing }, () => "0"), ...after];
  return groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
}
