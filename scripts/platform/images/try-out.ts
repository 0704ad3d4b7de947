import { LOCAL_REGIONS, STORAGE_POOL } from "../incus-region.ts";
import { run, tryRun } from "../run.ts";

/**
 * The first instance of an image unpacks it; creates at the same time would all do so and collide. One throwaway instance now
 * spares that, and shows whether this machine can run containers at all.
 */
export async function tryOut(fingerprint: string): Promise<void> {
  const name = "cloudnexus-image-check";
  const network = LOCAL_REGIONS[0]?.network ?? "";
  await tryRun("incus", ["delete", "--force", name]);
  try {
    await run("incus", ["launch", fingerprint, name, "--storage", STORAGE_POOL, "--network", network]);
    await run("incus", ["exec", name, "--", "true"], { timeoutMs: 30_000 });
  } finally {
    await tryRun("incus", ["delete", "--force", name], { isCleanUp: true });
  }
}
