import type { ResourceKind } from "./resource.ts";

/** What servers and databases take of their account: held from the moment they are accepted until they are gone, or failed. */
export const HELD_QUOTAS = ["servers", "databases", "vcpus", "memory_mib", "addresses"] as const;
type HeldQuota = (typeof HELD_QUOTAS)[number];

/** What an account may have of everything; keys are counted where they are. */
export const QUOTAS = [...HELD_QUOTAS, "api_keys", "ssh_keys"] as const;
export type Quota = (typeof QUOTAS)[number];

/** Memory in MiB, everything else by number. */
export type QuotaLimits = Record<Quota, number>;
export type QuotaShare = Record<HeldQuota, number>;
export type QuotaUsage = Record<Quota, { limit: number; used: number }>;

/** What one resource takes. */
export function quotaShare(kind: ResourceKind, size: { vcpus: number; memoryMib: number }): QuotaShare {
  return {
    servers: kind === "server" ? 1 : 0,
    databases: kind === "database" ? 1 : 0,
    vcpus: size.vcpus,
    memory_mib: size.memoryMib,
    addresses: 1,
  };
}

export interface QuotaExcess {
  quota: Quota;
  limit: number;
  used: number;
  asked: number;
}

/** The quotas that what is asked would pass. */
export function quotaExcess(usage: QuotaUsage, asked: Partial<Record<Quota, number>>): QuotaExcess[] {
  return QUOTAS.map((quota) => ({ quota, ...usage[quota], asked: asked[quota] ?? 0 })).filter(
    (of) => of.asked > 0 && of.used + of.asked > of.limit,
  );
}
