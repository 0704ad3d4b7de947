import { createHash } from "node:crypto";

/** `npm run test:matrices` and `test:faults` try every cell of a matrix, and so does a test file that is run alone; `npm test`, and `.ci/run` of the faults, one in FAULT_SAMPLE, which are always the same. */
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

/** Tests of which another of the same file gives the idea, and which take long: in every run but a sample. */
export function unlessSampled(register: () => void): void {
  if (ONE_IN === 1) register();
}

function drawn(cell: string): boolean {
  return createHash("sha256").update(cell).digest().readUInt32BE() % ONE_IN === 0;
}
