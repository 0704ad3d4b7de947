import type { SshKey } from "../../domain/ssh-key.ts";
import { rfc3339 } from "./timestamp.ts";

export function sshKeyView(key: SshKey) {
  return {
    id: key.id,
    name: key.name,
    public_key: key.publicKey,
    fingerprint: key.fingerprint,
    created_at: rfc3339(key.createdAt),
  };
}
