import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Payload, PayloadCodec } from "@temporalio/common";
import proto from "@temporalio/proto";

const PayloadMessage = proto.temporal.api.common.v1.Payload;

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
/** Drawn at once: each call of the system costs as much as the encryption of a payload. */
const IVS_DRAWN = 256;
const TAG_BYTES = 16;
/** The names under which Temporal's own samples and tools know an encrypted payload. */
const ENCODING = "binary/encrypted";
const KEY_ID = "encryption-key-id";

/** A payload of ours that cannot be read: its key is not configured, or it was changed. The message says which key, and nothing of the content. */
export class UnreadablePayloadError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UnreadablePayloadError";
  }
}

interface CodecKey {
  id: string;
  key: Buffer;
}

/**
 * Encrypts everything that Temporal stores for us: the whole serialized payload, its metadata included, with AES-256-GCM. Form of the data: iv, tag,
 * ciphertext; the metadata names the encoding and the key.
 *
 * The first key encrypts, all of them decrypt. Decoding leaves payloads alone that are not encrypted (Temporal's SDK makes some of its own), and throws
 * `UnreadablePayloadError` on one that no key of ours opens.
 */
export class PayloadEncryption implements PayloadCodec {
  private readonly current: CodecKey;
  private readonly keys: ReadonlyMap<string, CodecKey>;

  constructor(keys: readonly Buffer[]) {
    const known = keys.map((key) => ({ id: codecKeyId(key), key }));
    if (known[0] === undefined) throw new Error("BUG: payload encryption without a key");
    this.current = known[0];
    this.keys = new Map(known.map((key) => [key.id, key]));
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => encrypt(payload, this.current)));
  }

  // Async, so that an unreadable payload is a rejection.
  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => (isEncrypted(payload) ? this.open(payload) : payload)));
  }

  private open(payload: Payload): Payload {
    const id = textOf(payload.metadata?.[KEY_ID]);
    const key = this.keys.get(id);
    if (key === undefined) {
      const configured = [...this.keys.keys()].join(", ");
      throw new UnreadablePayloadError(
        `payload encrypted with codec key ${JSON.stringify(id)}, which is not configured; configured: ${configured}`,
      );
    }
    try {
      return decrypt(payload, key);
    } catch (cause) {
      throw new UnreadablePayloadError(`payload does not open with codec key ${id}: it was changed`, { cause });
    }
  }
}

/** Recognises a key without telling anything about it. */
export function codecKeyId(key: Buffer): string {
  return createHash("sha256").update("cloudnexus-codec-key-id").update(key).digest("hex").slice(0, 8);
}

let ivs = Buffer.alloc(0);

function nextIv(): Buffer {
  if (ivs.length === 0) ivs = randomBytes(IV_BYTES * IVS_DRAWN);
  const iv = ivs.subarray(0, IV_BYTES);
  ivs = ivs.subarray(IV_BYTES);
  return iv;
}

function encrypt(payload: Payload, { id, key }: CodecKey): Payload {
  const iv = nextIv();
  const cipher = createCipheriv(ALGORITHM, key, iv);
  const ciphertext = Buffer.concat([cipher.update(PayloadMessage.encode(payload).finish()), cipher.final()]);
  return {
    metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) },
    data: Buffer.concat([iv, cipher.getAuthTag(), ciphertext]),
  };
}

function decrypt(payload: Payload, { key }: CodecKey): Payload {
  const bytes = Buffer.from(payload.data ?? []);
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return PayloadMessage.decode(opened);
}

function isEncrypted(payload: Payload): boolean {
  return textOf(payload.metadata?.["encoding"]) === ENCODING;
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
