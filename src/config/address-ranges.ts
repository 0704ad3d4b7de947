import { addressToNumber } from "../domain/ipv4.ts";

/** IPv4 addresses as numbers, first and last included. */
export interface AddressRange {
  first: number;
  last: number;
}

/** `10.0.0.5`, `10.0.0.5-10.0.0.9` or `10.0.0.0/24` (without its network and broadcast address); null if it is none of these. */
export function parseAddressRange(text: string): AddressRange | null {
  const block = /^([0-9.]+)\/(\d{1,2})$/.exec(text);
  if (block) return parseBlock(block[1] ?? "", Number(block[2]));
  const [first, last, ...rest] = text.split("-").map((part) => addressToNumber(part.trim()));
  if (first === undefined || first === null || rest.length > 0) return null;
  if (last === undefined) return { first, last: first };
  return last === null || last < first ? null : { first, last };
}

function parseBlock(base: string, prefixLength: number): AddressRange | null {
  const address = addressToNumber(base);
  if (address === null || prefixLength < 8 || prefixLength > 32) return null;
  const size = 2 ** (32 - prefixLength);
  const network = Math.floor(address / size) * size;
  return prefixLength >= 31
    ? { first: network, last: network + size - 1 }
    : { first: network + 1, last: network + size - 2 };
}
