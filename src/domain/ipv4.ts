/** `10.88.0.0/24`, with the address of its network; null if it is no IPv4 block. Host bits are cut off. */
export function normaliseCidr(text: string): string | null {
  const [, address, length] = /^([0-9.]{7,15})\/(\d{1,2})$/.exec(text) ?? [];
  const number = address === undefined ? null : addressToNumber(address);
  const prefixLength = Number(length);
  if (number === null || prefixLength > 32) return null;
  const size = 2 ** (32 - prefixLength);
  return `${numberToAddress(Math.floor(number / size) * size)}/${prefixLength}`;
}

export function addressToNumber(address: string): number | null {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function numberToAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
