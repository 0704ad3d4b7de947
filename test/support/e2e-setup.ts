import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { databaseImages } from "../../scripts/platform/images/database-images.ts";
import { ensureImage } from "../../scripts/platform/images/ensure-image.ts";
import { prepareIncusHost } from "../../scripts/platform/incus-host.ts";
import { prepareRegions } from "../../scripts/platform/incus-region.ts";
import { consoleProgress } from "../../scripts/platform/progress.ts";
import { E2E_REGIONS } from "./e2e-regions.ts";
import setup from "./global-setup.ts";
import { ensurePythonEnvironment, FOREIGN_CLIENTS } from "./python-environment.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The interpreter that runs test/e2e/foreign-clients. */
    python: string;
  }
}

const POOL_GIB = 20;

/** What the other tests have, and this machine's Incus, installed and prepared where it is not. */
export default async function setupWithIncus(project: TestProject): Promise<() => Promise<void>> {
  const logDir = mkdtempSync(join(tmpdir(), "cloudnexus-e2e-incus-"));
  const progress = consoleProgress();
  const daemon = await prepareIncusHost({ progress, logDir, poolGib: POOL_GIB });
  await prepareRegions(progress, POOL_GIB, E2E_REGIONS);
  for (const image of await databaseImages(process.env["E2E_ENGINES"] ?? "all")) await ensureImage(progress, image);
  project.provide("python", await ensurePythonEnvironment(FOREIGN_CLIENTS, progress));
  const teardown = await setup(project);
  return async () => {
    await teardown();
    await daemon.stop();
  };
}
