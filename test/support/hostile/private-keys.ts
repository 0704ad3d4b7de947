import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Made for the run: no private key is kept in the repository. */

const PASSPHRASE = "correct horse battery staple";

/** A private key as OpenSSH keeps it. */
function openssh(type: string, ...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "cloudnexus-private-"));
  try {
    const file = join(folder, "id");
    execFileSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "me@laptop", "-f", file, ...options]);
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const ed25519 = generateKeyPairSync("ed25519").privateKey;
const encrypted = { cipher: "aes-256-cbc", passphrase: PASSPHRASE };

const OPENSSH = openssh("ed25519");
const PKCS8 = ed25519.export({ type: "pkcs8", format: "pem" }).toString();
const base64OfPkcs8 = ed25519.export({ type: "pkcs8", format: "der" }).toString("base64");

function putty(version: number): string {
  return [
    `PuTTY-User-Key-File-${version}: ssh-ed25519`,
    "Encryption: none",
    "Comment: me@laptop",
    "Private-Lines: 1",
    base64OfPkcs8,
    "Private-MAC: 0011223344556677",
  ].join("\r\n");
}

function inArmour(label: string): string {
  return `-----BEGIN ${label}-----\n${base64OfPkcs8}\n-----END ${label}-----\n`;
}

/** Recognised for what they are, however they arrive. */
export const PRIVATE_KEYS: Record<string, string> = {
  "OpenSSH ed25519": OPENSSH,
  "OpenSSH ed25519 under a passphrase": openssh("ed25519", "-N", PASSPHRASE),
  "OpenSSH ECDSA": openssh("ecdsa"),
  "OpenSSH RSA": openssh("rsa", "-b", "2048"),
  "RSA in PEM (PKCS #1)": rsa.export({ type: "pkcs1", format: "pem" }).toString(),
  "RSA in PEM under a passphrase": rsa.export({ type: "pkcs1", format: "pem", ...encrypted }).toString(),
  "EC in PEM (SEC 1)": ec.export({ type: "sec1", format: "pem" }).toString(),
  "PKCS #8": PKCS8,
  "PKCS #8 under a passphrase": ed25519.export({ type: "pkcs8", format: "pem", ...encrypted }).toString(),
  "DSA in PEM": inArmour("DSA PRIVATE KEY"),
  PGP: inArmour("PGP PRIVATE KEY BLOCK"),
  "SSH.com": `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n${base64OfPkcs8}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n`,
  "SSH 1": `SSH PRIVATE KEY FILE FORMAT 1.1\n\u0000${base64OfPkcs8}`,
  "PuTTY, version 2": putty(2),
  "PuTTY, version 3": putty(3),
  "on one line": OPENSSH.replaceAll("\n", " ").trim(),
  "without its armour": OPENSSH.replace(/-----.*?-----\n?/g, ""),
  "without its armour, on one line": OPENSSH.replace(/-----.*?-----\n?/g, "").replaceAll("\n", ""),
  "with Windows' line ends": OPENSSH.replaceAll("\n", "\r\n"),
  "indented, as in YAML": OPENSSH.replaceAll("\n", "\n    "),
  "with \\n written out, as in JSON": JSON.stringify(OPENSSH).slice(1, -1),
  "in lower-case armour": PKCS8.toLowerCase(),
  "PKCS #8 on one line": PKCS8.replaceAll("\n", " ").trim(),
};

/** Nothing says that they are private keys: they are refused as no public keys, and repeated as little. */
export const BARE_SECRETS: Record<string, string> = {
  "PKCS #8 without its armour": base64OfPkcs8,
  "PEM in base64 once more": Buffer.from(PKCS8).toString("base64"),
  "a JSON Web Key": JSON.stringify(ed25519.export({ format: "jwk" })),
  "a key of age": "AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQQPZRY9X8GF2TVDW0S3JN54KHCE",
  "an API key": `cn_live_sk_${"s3cret".repeat(6)}`,
};

/** Pieces of a secret that nobody may read anywhere: long enough to be no coincidence. */
export function secretPieces(secret: string): string[] {
  const lines = secret.split(/[\r\n]+|\\n/).flatMap((line) => line.trim().split(" "));
  return lines.filter((line) => line.length >= 32 && !/^-+(BEGIN|END)/.test(line));
}
