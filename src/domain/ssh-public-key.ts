import { createHash, createPublicKey } from "node:crypto";
import { DomainError } from "./domain-error.ts";
import { isPrintableLine } from "./printable.ts";
import { holdsPrivateKey } from "./private-key.ts";

export interface SshPublicKey {
  /** Such as `ssh-ed25519`. */
  type: string;
  /** One line: type, base64 blob, comment if there is one; single spaces between. */
  publicKey: string;
  /** `SHA256:` and the unpadded base64 digest of the blob, as ssh-keygen prints it. */
  fingerprint: string;
  comment: string;
}

const RSA_MIN_BITS = 3072;
/** OpenSSH itself refuses larger ones. */
const RSA_MAX_BITS = 16_384;
const COMMENT_MAX_LENGTH = 255;
/** An RSA key of 16384 bits is 2,800 characters. */
const TEXT_MAX_LENGTH = 8192;

/** The checks of what follows the type in the blob. Each consumes its fields; what is left over afterwards is refused. */
const KEY_READERS: Record<string, (blob: BlobReader) => void> = {
  "ssh-ed25519": readEd25519,
  "ssh-rsa": readRsa,
  "ecdsa-sha2-nistp256": (blob) => readEcdsa(blob, "nistp256"),
  "ecdsa-sha2-nistp384": (blob) => readEcdsa(blob, "nistp384"),
  "ecdsa-sha2-nistp521": (blob) => readEcdsa(blob, "nistp521"),
  "sk-ssh-ed25519@openssh.com": (blob) => {
    readEd25519(blob);
    readApplication(blob);
  },
  "sk-ecdsa-sha2-nistp256@openssh.com": (blob) => {
    readEcdsa(blob, "nistp256");
    readApplication(blob);
  },
};

const CURVES = {
  nistp256: { name: "P-256", coordinateBytes: 32 },
  nistp384: { name: "P-384", coordinateBytes: 48 },
  nistp521: { name: "P-521", coordinateBytes: 66 },
} as const;

/**
 * Reads a public key as it stands in a `.pub` file. Throws a `validation_failed` on field `public_key` whose issue says what is wrong and repeats
 * nothing of the text, which may be a secret pasted by mistake.
 */
export function parseSshPublicKey(text: string): SshPublicKey {
  refuseOtherForms(text);
  const [type = "", encoded = "", ...rest] = text.trim().split(/ +/);
  const readKey = Object.hasOwn(KEY_READERS, type) ? KEY_READERS[type] : undefined;
  if (!readKey) throw refuseType(type, [encoded, ...rest]);

  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== encoded) throw invalid("has no valid base64 after its type");
  const blob = new BlobReader(bytes);
  if (blob.readText() !== type) throw invalid("names another type outside than inside its base64 part");
  readKey(blob);
  if (!blob.isAtEnd()) throw invalid("has bytes after the end of the key");

  const comment = rest.join(" ");
  if (comment.length > COMMENT_MAX_LENGTH) throw invalid(`has a comment of more than ${COMMENT_MAX_LENGTH} characters`);
  const digest = createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "");
  return {
    type,
    publicKey: comment === "" ? `${type} ${encoded}` : `${type} ${encoded} ${comment}`,
    fingerprint: `SHA256:${digest}`,
    comment,
  };
}

function refuseOtherForms(text: string): void {
  if (holdsPrivateKey(text)) {
    throw invalid(
      "is a private key. Send the public one (the file ending in .pub), and replace this key: it has left your machine",
    );
  }
  if (/BEGIN (SSH2 |RSA )?PUBLIC KEY/.test(text)) {
    throw invalid("must be in OpenSSH's one-line form; convert it with: ssh-keygen -i -f <file>");
  }
  if (!isPrintableLine(text)) throw invalid("must be one line without control characters");
  if (text.length > TEXT_MAX_LENGTH) throw invalid(`must be at most ${TEXT_MAX_LENGTH} characters`);
}

function refuseType(type: string, words: string[]): DomainError {
  const accepted = Object.keys(KEY_READERS).join(", ");
  if (words.some((word) => Object.hasOwn(KEY_READERS, word))) {
    return invalid("must begin with its type; options in front of it are not accepted");
  }
  if (type === "ssh-dss") return invalid(`is a DSA key, which is no longer secure; accepted are ${accepted}`);
  if (type.includes("-cert-v01@")) return invalid(`is a certificate; send the key itself, of a type of ${accepted}`);
  return invalid(`must be an OpenSSH public key of a type of ${accepted}`);
}

function readEd25519(blob: BlobReader): void {
  if (blob.readBytes().length !== 32) throw invalid("is not a valid ed25519 key");
}

function readEcdsa(blob: BlobReader, curve: keyof typeof CURVES): void {
  if (blob.readText() !== curve) throw invalid("names another curve outside than inside its base64 part");
  const { name, coordinateBytes } = CURVES[curve];
  const point = blob.readBytes();
  const isUncompressed = point.length === 1 + 2 * coordinateBytes && point[0] === 4;
  if (!isUncompressed || !isOnCurve(name, point.subarray(1), coordinateBytes)) {
    throw invalid(`is not a valid ${curve} key`);
  }
}

function isOnCurve(curve: string, coordinates: Buffer, coordinateBytes: number): boolean {
  const x = coordinates.subarray(0, coordinateBytes).toString("base64url");
  const y = coordinates.subarray(coordinateBytes).toString("base64url");
  try {
    createPublicKey({ format: "jwk", key: { kty: "EC", crv: curve, x, y } });
    return true;
  } catch {
    return false;
  }
}

function readRsa(blob: BlobReader): void {
  const exponent = blob.readInteger();
  const modulus = blob.readInteger();
  const bits = modulus.toString(2).length;
  if (bits < RSA_MIN_BITS) throw invalid(`is an RSA key of ${bits} bits; at least ${RSA_MIN_BITS} are needed`);
  if (bits > RSA_MAX_BITS) throw invalid(`is an RSA key of ${bits} bits; at most ${RSA_MAX_BITS} are accepted`);
  if (exponent < 3n || exponent % 2n === 0n || modulus % 2n === 0n) throw invalid("is not a valid RSA key");
}

function readApplication(blob: BlobReader): void {
  const application = blob.readText();
  if (application === "" || !isPrintableLine(application)) throw invalid("names no application of its security key");
}

function invalid(issue: string): DomainError {
  return new DomainError("validation_failed", { details: [{ field: "public_key", issue }] });
}

/** The fields of an SSH wire blob in order: each is a 32-bit length and as many bytes (RFC 4251, section 5). */
class BlobReader {
  private readonly bytes: Buffer;
  private offset = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  readBytes(): Buffer {
    const start = this.offset + 4;
    const end = start <= this.bytes.length ? start + this.bytes.readUInt32BE(this.offset) : Number.POSITIVE_INFINITY;
    if (end > this.bytes.length) throw invalid("is cut off");
    this.offset = end;
    return this.bytes.subarray(start, end);
  }

  readText(): string {
    return this.readBytes().toString("latin1");
  }

  /** A positive integer in its shortest form. */
  readInteger(): bigint {
    const bytes = this.readBytes();
    const [first = 0x80, second = 0] = bytes;
    const isNegative = first >= 0x80;
    const isPadded = first === 0 && second < 0x80;
    if (isNegative || isPadded) throw invalid("is not a valid RSA key");
    return BigInt(`0x${bytes.toString("hex")}`);
  }

  isAtEnd(): boolean {
    return this.offset === this.bytes.length;
  }
}
