/** Addresses from `first` to `last`, as numbers, both included. */
export interface Range {
  first: number;
  last: number;
}

const LAST_ADDRESS = 2 ** 32 - 1;

/** The range of an address, or of a block in CIDR notation with whatever host bits; null for what is no IPv4. */
export function rangeOf(text: string): Range | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const prefixLength = Number(match?.[5] ?? 32);
  if (!match || octets.some((octet) => octet > 255) || prefixLength > 32) return null;
  const size = 2 ** (32 - prefixLength);
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

/** Every address that is in none of the ranges, in order. */
export function complementOf(ranges: Range[]): Range[] {
  const gaps: Range[] = [];
  let next = 0;
  for (const { first, last } of ranges.toSorted((a, b) => a.first - b.first)) {
    if (first > next) gaps.push({ first: next, last: first - 1 });
    next = Math.max(next, last + 1);
  }
  if (next <= LAST_ADDRESS) gaps.push({ first: next, last: LAST_ADDRESS });
  return gaps;
}

/** `10.0.0.0-10.0.0.255`, as the rules of a network take it. */
export function rangeText({ first, last }: Range): string {
  return `${addressText(first)}-${addressText(last)}`;
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
