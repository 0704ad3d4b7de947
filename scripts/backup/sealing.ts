import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, scryptSync } from "node:crypto";

/**
 * How a backup lies in its file: a line of JSON in clear, the body, and what proves both: the tag of AES-256-GCM where there is a passphrase, else a SHA-256, which finds damage and no
 * malice.
 */

export interface Head {
  format: "cloudnexus-backup";
  version: 1;
  /** Null: not encrypted. */
  encryption: Encryption | null;
}

interface Encryption {
  kdf: "scrypt";
  cost: number;
  /** Base64. */
  salt: string;
  iv: string;
  /** Tells another passphrase from an altered file. */
  check: string;
}

const SCRYPT_COST = 65_536;
const SCRYPT_MAX_MEMORY = 256 * 1024 * 1024;
const SALT_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const DIGEST_BYTES = 32;

/** The key of a passphrase, and a value that proves it without telling anything about it. */
function deriveKey(passphrase: string, salt: Buffer, cost: number): { key: Buffer; check: string } {
  const derived = scryptSync(passphrase, salt, 64, { N: cost, r: 8, p: 1, maxmem: SCRYPT_MAX_MEMORY });
  const check = createHmac("sha256", derived.subarray(32)).update("cloudnexus-backup").digest("base64");
  return { key: derived.subarray(0, 32), check };
}

/** How to seal a file: `head`, then what `seal` makes of the body. */
export function sealing(passphrase: string | null): {
  head: Buffer;
  seal: (body: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;
} {
  if (passphrase === null) {
    const head = headLine(null);
    return {
      head,
      async *seal(body) {
        const hash = createHash("sha256").update(head);
        for await (const chunk of body) {
          hash.update(chunk);
          yield chunk;
        }
        yield hash.digest();
      },
    };
  }
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)];
  const { key, check } = deriveKey(passphrase, salt, SCRYPT_COST);
  const head = headLine({
    ...{ kdf: "scrypt", cost: SCRYPT_COST, salt: salt.toString("base64"), iv: iv.toString("base64") },
    check,
  });
  return {
    head,
    async *seal(body) {
      const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(head);
      for await (const chunk of body) yield cipher.update(chunk);
      yield cipher.final();
      yield cipher.getAuthTag();
    },
  };
}

function headLine(encryption: Encryption | null): Buffer {
  const head: Head = { format: "cloudnexus-backup", version: 1, encryption };
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

/** How to open a file of this head and proof: `open` throws at its end if anything of it was altered. */
export function opening(
  { line, head, proof }: { line: Buffer; head: Head; proof: Buffer },
  passphrase: string | null,
): (body: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  const { encryption } = head;
  if (encryption === null) {
    return async function* check(body) {
      const hash = createHash("sha256").update(line);
      for await (const chunk of body) {
        hash.update(chunk);
        yield chunk;
      }
      if (!hash.digest().equals(proof)) throw new Error("it is truncated, or was altered");
    };
  }
  if (passphrase === null) throw new Error("it is encrypted: set CLOUDNEXUS_BACKUP_PASSPHRASE");
  const { key, check } = deriveKey(passphrase, Buffer.from(encryption.salt, "base64"), encryption.cost);
  if (check !== encryption.check) throw new Error("CLOUDNEXUS_BACKUP_PASSPHRASE is not the one it was made with");
  return async function* decrypt(body) {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(encryption.iv, "base64"));
    decipher.setAAD(line).setAuthTag(proof);
    for await (const chunk of body) yield decipher.update(chunk);
    let last: Buffer;
    try {
      last = decipher.final();
    } catch {
      throw new Error("it is truncated, or was altered");
    }
    yield last;
  };
}

/** The length of what proves a file. */
export function proofLength({ encryption }: Head): number {
  return encryption === null ? DIGEST_BYTES : TAG_BYTES;
}
