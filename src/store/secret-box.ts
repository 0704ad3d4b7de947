import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals short secrets for a database column: AES-256-GCM under a key with an id, bound to the row it belongs to, so that a box copied to another row does
 * not open. Form: `v1.<key id>.<base64url of iv, tag and ciphertext>`.
 */
export class SecretBox {
  private readonly key: Buffer;
  private readonly keyId: string;

  constructor(key: Buffer) {
    this.key = key;
    this.keyId = createHash("sha256").update("cloudnexus-key-id").update(key).digest("hex").slice(0, 8);
  }

  seal(plaintext: string, boundTo: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.key, iv).setAAD(Buffer.from(boundTo));
    const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
    return `v1.${this.keyId}.${Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString("base64url")}`;
  }

  /** Throws if the box was sealed with another key or for another row, or was changed. */
  open(box: string, boundTo: string): string {
    const [version, keyId, payload] = box.split(".");
    if (version !== "v1" || payload === undefined) throw new Error("not a sealed secret");
    if (keyId !== this.keyId) throw new Error(`sealed with another credential key: ${keyId}`);
    const bytes = Buffer.from(payload, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", this.key, bytes.subarray(0, IV_BYTES))
      .setAAD(Buffer.from(boundTo))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
  }
}
