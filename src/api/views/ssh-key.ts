import { z } from "zod";
import type { SshKey } from "../../domain/ssh-key.ts";
import { shownId, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

export const sshKeySchema = z
  .object({
    id: shownId("sshKey"),
    name: z.string(),
    public_key: z.string(),
    fingerprint: z.string().meta({ description: "`SHA256:…`, as `ssh-keygen -l` prints it." }),
    created_at: timestamp,
  })
  .meta({ id: "SshKey" });

export function sshKeyView(key: SshKey): z.output<typeof sshKeySchema> {
  return {
    id: key.id,
    name: key.name,
    public_key: key.publicKey,
    fingerprint: key.fingerprint,
    created_at: rfc3339(key.createdAt),
  };
}
