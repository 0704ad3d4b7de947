import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { SettingError } from "./setting-error.ts";

const SECRET_BYTES = 32;

/** The installation's keys: 32 bytes each. */
export interface Secrets {
  /** API keys are stored as HMACs under it. */
  apiKeyPepper: Buffer;
  /** Encrypts what customers entrust to us (user data) and what we make for them (database passwords, certificate keys). */
  credentialKey: Buffer;
}

/**
 * From the environment as base64, else from files of the data folder (mode 0600), which the first process to start makes.
 */
export function readSecrets(
  dataDir: string,
  fromEnvironment: { apiKeyPepper?: string; credentialKey?: string },
): Secrets {
  return {
    apiKeyPepper: readSecret(dataDir, "api-key-pepper", "CLOUDNEXUS_API_KEY_PEPPER", fromEnvironment.apiKeyPepper),
    credentialKey: readSecret(dataDir, "credential-key", "CLOUDNEXUS_CREDENTIAL_KEY", fromEnvironment.credentialKey),
  };
}

function readSecret(dataDir: string, name: string, setting: string, value: string | undefined): Buffer {
  const secret = Buffer.from(value ?? readOrMake(resolve(dataDir, "secrets"), name), "base64");
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
