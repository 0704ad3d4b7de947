import type { TestProject } from "vitest/node";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import { bundlePrograms } from "../support/bundled-programs.ts";

/** The setup of a run among many: PostgreSQL and Temporal are those of `npm run test:mutants`, and workflows and programs are those of the copy it runs in. */
export default async function setup(project: TestProject): Promise<() => void> {
  project.provide("postgresUrl", process.env["MUTANTS_POSTGRES_URL"] ?? "");
  project.provide("temporalAddress", process.env["MUTANTS_TEMPORAL_ADDRESS"] ?? "");
  const [programs] = await Promise.all([bundlePrograms(), workflowBundle()]);
  project.provide("programs", programs.folder);
  return programs.remove;
}
