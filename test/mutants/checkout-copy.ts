import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Made by `prisma generate`, so git does not know it. */
const GENERATED = "src/store/generated";

/**
 * A copy of the checkout as it stands, in the temporary folder, that tests can run in and be broken in. Packages are links to ours; what tools cache beside them
 * is the copy's own.
 */
export function copyCheckout(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "cloudnexus-mutants-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  for (const file of listed.toString().split("\0").filter(Boolean)) {
    if (!existsSync(join(ROOT, file))) continue; // deleted, and not committed yet
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  cpSync(join(ROOT, GENERATED), join(folder, GENERATED), { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    const isCache = [".cache", ".vite", ".vitest"].includes(name);
    if (!isCache) symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
