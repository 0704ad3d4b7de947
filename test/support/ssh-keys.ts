import { generateKeyPairSync } from "node:crypto";
import type { ApiClient } from "./api-client.ts";

let keys = 0;

/** A fresh ed25519 public key in OpenSSH form. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const blob = Buffer.concat([field(Buffer.from("ssh-ed25519")), field(raw)]);
  return `ssh-ed25519 ${blob.toString("base64")} test@example`;
}

/** Registers a fresh key and returns its id. */
export async function createSshKey(api: ApiClient): Promise<string> {
  const answer = await api.call("POST", "/v1/ssh_keys", { name: `key-${++keys}`, public_key: newPublicKey() });
  if (answer.status !== 201) throw new Error(`the SSH key was refused: ${JSON.stringify(answer.body)}`);
  return answer.body.data.id;
}
