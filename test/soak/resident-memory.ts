import { readFileSync } from "node:fs";
import type { TestProcess } from "../support/processes.ts";

const PAGE_BYTES = 4_096;
const MIB = 1_048_576;

/** In MiB. Linux only. */
export function residentMib({ pid }: TestProcess): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return (pages * PAGE_BYTES) / MIB;
}

/** How much more the last sixth has than what came between the first third and the half, as a share; by medians. */
export function growth(samples: readonly number[]): number {
  const part = (from: number, to: number) =>
    samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * to));
  return median(part(5 / 6, 1)) / median(part(1 / 3, 1 / 2)) - 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
