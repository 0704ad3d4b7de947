import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Manifest } from "./manifest.ts";

/** The installation's keys, by the setting that can have them in place of the file. */
const KEYS: Record<string, string> = {
  CLOUDNEXUS_API_KEY_PEPPER: "secrets/api-key-pepper",
  CLOUDNEXUS_CREDENTIAL_KEY: "secrets/credential-key",
  CLOUDNEXUS_CODEC_KEY: "secrets/codec-key",
};
/** What else a data folder has that can't be made anew. */
const OTHERS = ["bootstrap-api-key", "cloudnexus.yaml"];
const SECRETS = "secrets";

/** What of the data folder goes into a backup: paths in it. What is set in the environment stays there. */
export function filesToKeep(dataDir: string, environment: NodeJS.ProcessEnv): string[] {
  const inEnvironment = new Set(Object.entries(KEYS).flatMap(([name, path]) => (environment[name] ? [path] : [])));
  const folder = join(dataDir, SECRETS);
  const secrets = existsSync(folder) ? readdirSync(folder).map((name) => `${SECRETS}/${name}`) : [];
  // Drafts of keys that are being made have a pid in their names.
  const kept = secrets.filter((path) => !inEnvironment.has(path) && !/\.\d+$/.test(path));
  return [...kept.sort(), ...OTHERS.filter((path) => existsSync(join(dataDir, path)))];
}

/** Throws if the data folder is not that of an installation: rows without their keys are worth nothing. */
export function keysOf(dataDir: string, environment: NodeJS.ProcessEnv): Manifest["keys"] {
  return Object.fromEntries<Manifest["keys"][string]>(
    Object.entries(KEYS).map(([setting, path]) => {
      const value = environment[setting];
      if (value) return [setting, { from: "environment" as const, digest: digestOf(value) }];
      const file = join(dataDir, path);
      if (!existsSync(file)) {
        throw new Error(`${setting} is not set, and there is no ${file}: is CLOUDNEXUS_DATA_DIR the one of the API?`);
      }
      return [setting, { from: "file" as const, digest: digestOf(readFileSync(file, "utf8")) }];
    }),
  );
}

/** Settings that a restored installation needs, since the backup does not hold them. Throws if one that is set is another key. */
export function keysToBring(keys: Manifest["keys"], environment: NodeJS.ProcessEnv): string[] {
  return Object.entries(keys).flatMap(([setting, { from, digest }]) => {
    const value = environment[setting];
    if (value && digestOf(value) !== digest) throw new Error(`${setting} is set to another key than the backup's`);
    return from === "environment" ? [setting] : [];
  });
}

/** Paths come from a file that somebody hands us: nothing is written anywhere else. */
export function writeKept(folder: string, path: string, content: Buffer): void {
  const isKnown = OTHERS.includes(path) || /^secrets\/[a-z0-9-]+$/.test(path);
  if (!isKnown) throw new Error("it holds something else than a backup");
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, content, { mode: 0o600, flag: "wx" });
}

/** Keys are 32 random bytes, so a digest gives nothing away. */
function digestOf(key: string): string {
  return createHash("sha256").update(`cloudnexus-backup:${key.trim()}`).digest("hex").slice(0, 32);
}
