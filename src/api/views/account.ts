import { z } from "zod";
import { QUOTAS, type Quota } from "../../domain/quotas.ts";
import type { AccountView } from "../../services/services.ts";
import { count, shownId, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

const WHAT: Record<Quota, string> = {
  servers: "Servers that are not `failed`, until their delete has ended.",
  databases: "Databases, in the same way.",
  vcpus: "CPUs of both.",
  memory_mib: "Memory of both, MiB.",
  addresses: "IPv4 addresses: one a server or database.",
  api_keys: "API keys that were not revoked.",
  ssh_keys: "SSH keys.",
};

const quotaSchema = z
  .object({
    limit: count.meta({ description: "More is refused with `quota_exceeded`." }),
    used: count.meta({ description: "May be above a limit that was lowered." }),
  })
  .meta({ id: "Quota" });

type QuotaShape = Record<Quota, typeof quotaSchema>;

export const accountSchema = z
  .object({
    id: shownId("account"),
    name: z.string(),
    quotas: z.object(
      Object.fromEntries(QUOTAS.map((quota) => [quota, quotaSchema.meta({ description: WHAT[quota] })])) as QuotaShape,
    ),
    created_at: timestamp,
  })
  .meta({ id: "Account" });

export function accountView({ id, name, quotas, createdAt }: AccountView): z.output<typeof accountSchema> {
  return { id, name, quotas, created_at: rfc3339(createdAt) };
}
