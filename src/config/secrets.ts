import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { SettingError } from "./setting-error.ts";

const SECRET_BYTES = 32;

/** The installation's keys: 32 bytes each. */
export interface Secrets {
  /** API keys are stored as HMACs under the first; what was stored under the others is still found: a new one is put before the old. */
  apiKeyPeppers: Buffer[];
  /** Encrypts what customers entrust to us (user data) and what we make for them (database passwords, certificate keys). */
  credentialKey: Buffer;
  /** Encrypt what Temporal stores. The first encrypts, all of them decrypt: a new one is put before the old. */
  codecKeys: Buffer[];
}

/**
 * From the environment as base64, else from files of the data folder (mode 0600), which the first process to start makes.
 */
export function readSecrets(
  dataDir: string,
  fromEnvironment: { apiKeyPeppers?: string; credentialKey?: string; codecKeys?: string },
): Secrets {
  const read = (name: string, value: string | undefined) => value ?? readOrMake(secretsFolder(dataDir), name);
  return {
    apiKeyPeppers: toKeys("CLOUDNEXUS_API_KEY_PEPPER", read("api-key-pepper", fromEnvironment.apiKeyPeppers)),
    credentialKey: toKey("CLOUDNEXUS_CREDENTIAL_KEY", read("credential-key", fromEnvironment.credentialKey)),
    codecKeys: toKeys("CLOUDNEXUS_CODEC_KEY", read("codec-key", fromEnvironment.codecKeys)),
  };
}

/** The codec keys of an installation that is there. */
export function readCodecKeys(dataDir: string, value: string | undefined): Buffer[] {
  return readPresentKeys(dataDir, "CLOUDNEXUS_CODEC_KEY", "codec-key", value);
}

/** The peppers of an installation that is there. */
export function readApiKeyPeppers(dataDir: string, value: string | undefined): Buffer[] {
  return readPresentKeys(dataDir, "CLOUDNEXUS_API_KEY_PEPPER", "api-key-pepper", value);
}

/** In the wrong data folder a process must not make a key that nothing was made with. */
function readPresentKeys(dataDir: string, setting: string, name: string, value: string | undefined): Buffer[] {
  const file = resolve(secretsFolder(dataDir), name);
  if (value === undefined && !existsSync(file)) {
    throw new SettingError(setting, `is not set, and there is no ${file}; is CLOUDNEXUS_DATA_DIR the one of the API?`);
  }
  return toKeys(setting, value ?? readFileSync(file, "utf8"));
}

/** The key that the codec server asks for, as it is sent. */
export function readOperatorKey(dataDir: string, value: string | undefined): string {
  return (value ?? readOrMake(secretsFolder(dataDir), "codec-server-key")).trim();
}

function secretsFolder(dataDir: string): string {
  return resolve(dataDir, "secrets");
}

function toKeys(setting: string, list: string): Buffer[] {
  return list.split(",").map((key) => toKey(setting, key));
}

function toKey(setting: string, base64: string): Buffer {
  const secret = Buffer.from(base64, "base64");
  if (secret.length !== SECRET_BYTES) throw new SettingError(setting, `must be ${SECRET_BYTES} bytes in base64`);
  if (new Set(secret).size < SECRET_BYTES / 4) throw new SettingError(setting, "is not random enough to be a key");
  return secret;
}

function readOrMake(folder: string, name: string): string {
  const file = resolve(folder, name);
  try {
    return readFileSync(file, "utf8");
  } catch {
    // API and worker may start together: whoever links its file first wins, and both read the winner's.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, randomBytes(SECRET_BYTES).toString("base64"), { mode: 0o600 });
    chmodSync(draft, 0o600);
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      unlinkSync(draft);
    }
    return readFileSync(file, "utf8");
  }
}
