import { createHash } from "node:crypto";

/** `npm run test:faults` tries every cell of a matrix; `.ci/run` one in FAULT_SAMPLE, which are always the same. */
const ONE_IN = Number(process.env["FAULT_SAMPLE"] ?? "1");

/** The cells of a matrix that are tried: at least one. */
export function sampled<T>(matrix: string, cells: readonly T[]): T[] {
  const sample = cells.filter((_cell, index) => drawn(`${matrix} ${index}`));
  return sample.length > 0 ? sample : cells.slice(0, 1);
}

/** Of the rounds of a race, the same share. */
export function sampledRounds(rounds: number): number {
  return Math.ceil(rounds / ONE_IN);
}

function drawn(cell: string): boolean {
  return createHash("sha256").update(cell).digest().readUInt32BE() % ONE_IN === 0;
}
