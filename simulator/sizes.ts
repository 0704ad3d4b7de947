import { ApiError } from "./wire.ts";

export const cpuTotal = 256;

const decimal = ["", "k", "M", "G", "T", "P", "E"];
const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Bytes of a size as Incus writes it: `512MiB`, `10GB`, `1048576`. */
export function parseByteSize(text: string): number {
  const match = /^(\d+)(.*)$/.exec(text);
  if (match?.[1] === undefined) throw new ApiError(500, `Invalid value: ${text}`);
  const factor = factorOf(match[2] ?? "");
  if (factor === null) throw new ApiError(500, `Invalid value: ${text}`);
  return Number(match[1]) * factor;
}

function factorOf(unit: string): number | null {
  if (unit === "" || unit === "B" || unit === " bytes") return 1;
  if (!unit.endsWith("B")) return null;
  const prefix = unit.slice(0, -1);
  if (decimal.includes(prefix)) return 1_000 ** decimal.indexOf(prefix);
  return binary.includes(prefix) ? 1_024 ** binary.indexOf(prefix) : null;
}

/** CPUs of a limit as Incus writes it: a number of them (`2`), or which ones (`0-3,6`); no limit is all of them. */
export function cpuCount(limit: string | undefined): number {
  if (limit === undefined) return cpuTotal;
  if (/^\d+$/.test(limit)) return Math.min(Number(limit), cpuTotal);
  const ranges = limit.split(",").map((range) => range.split("-").map(Number));
  return ranges.reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
