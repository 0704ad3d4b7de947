import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PASSPHRASE_MIN = 12;

/** Null: backups are not encrypted. */
export function passphraseOf(environment: NodeJS.ProcessEnv): string | null {
  const passphrase = environment["CLOUDNEXUS_BACKUP_PASSPHRASE"] || null;
  if (passphrase !== null && passphrase.length < PASSPHRASE_MIN) {
    throw new Error(`CLOUDNEXUS_BACKUP_PASSPHRASE: must have at least ${PASSPHRASE_MIN} characters`);
  }
  return passphrase;
}

export function productVersion(): string {
  const file = fileURLToPath(new URL("../../package.json", import.meta.url));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

export function sizeText(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return mib >= 1 ? `${mib.toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
}
