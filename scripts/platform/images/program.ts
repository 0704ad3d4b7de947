import { buildFerretdb } from "./ferretdb.ts";

const BUILDERS: Record<string, ((report: (detail: string) => void) => Promise<string>) | undefined> = {
  ferretdb: buildFerretdb,
};

/** Builds a program that no package brings, or takes it from the cache; answers its path. */
export async function buildProgram(name: string, report: (detail: string) => void): Promise<string> {
  const build = BUILDERS[name];
  if (!build) throw new Error(`there is no program ${name} to be built`);
  return await build(report);
}
