import { homedir } from "node:os";
import { join } from "node:path";

/** Where built programs and images are kept between runs and checkouts. */
export function cacheFolder(...parts: string[]): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "cloudnexus", ...parts);
}
