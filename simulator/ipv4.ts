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
  const [base = "", length = ""] = cidr.split("/");
  const [value, network] = [parseAddress(address), parseAddress(base)];
  if (value === null || network === null) return false;
  const size = 2 ** (32 - Number(length));
  return Math.floor(value / size) === Math.floor(network / size);
}
