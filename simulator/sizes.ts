import { ApiError } from "./wire.ts";

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
