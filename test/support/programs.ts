import { join } from "node:path";
import { inject } from "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder of the programs as bundles. */
    programs: string;
  }
}

/** What tests start as processes, some of them hundreds of times. */
export const PROGRAMS = [
  "simulator/main.ts",
  "src/server.ts",
  "src/worker.ts",
  "src/codec-server.ts",
  "test/support/worker-process.ts",
];

/** What Node.js is called with to run `file`, one of the programs. */
export function programArguments(file: string): string[] {
  if (!PROGRAMS.includes(file)) throw new Error(`${file} is not among the programs that are bundled`);
  return [join(inject("programs"), file.replace(/\.ts$/, ".mjs"))];
}
