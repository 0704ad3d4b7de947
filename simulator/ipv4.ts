/** The address as a number; null if it is none. */
function parseAddress(text: string): number | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

export function sameAddress(one: string, other: string): boolean {
  return one === other && parseAddress(one) !== null;
}

export function addressInNetwork(address: string, cidr: string): boolean {
  const [base = "", length = "32"] = cidr.split("/");
  const [value, network] = [parseAddress(address), parseAddress(base)];
  if (value === null || network === null) return false;
  const size = 2 ** (32 - Number(length));
  return Math.floor(value / size) === Math.floor(network / size);
}

/** Whether the address is what a rule names: an address, a block, or a range as in `10.0.0.0-10.0.0.9`. */
export function addressMatches(address: string, subject: string): boolean {
  const [value, first, last] = [address, ...subject.split("-")].map(parseAddress);
  if (value === null || value === undefined) return false;
  if (last === undefined) return addressInNetwork(address, subject);
  return typeof first === "number" && last !== null && value >= first && value <= last;
}

export function isSubject(text: string): boolean {
  const parts = text.split("-");
  if (parts.length === 2) return parts.every((part) => parseAddress(part) !== null);
  const [base = "", length = "32"] = text.split("/");
  return parts.length === 1 && parseAddress(base) !== null && /^\d{1,2}$/.test(length) && Number(length) <= 32;
}
