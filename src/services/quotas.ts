import type { SizedPlan } from "../domain/action.ts";
import { largerSize } from "../domain/capacity-share.ts";
import { DomainError } from "../domain/domain-error.ts";
import { type Quota, type QuotaExcess, type QuotaLimits, quotaExcess, quotaShare } from "../domain/quotas.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { Repositories } from "../store/store.ts";

interface Asking {
  id: string;
  accountId: string;
  size: { vcpus: number; memoryMib: number };
}

/** Takes what the resource needs of its account, in the transaction that accepts it, and as its last statement. Throws `quota_exceeded`. */
export async function holdQuota(
  { quotas }: Pick<Repositories, "quotas">,
  limits: QuotaLimits,
  kind: ResourceKind,
  { id, accountId, size }: Asking,
): Promise<void> {
  const share = quotaShare(kind, size);
  if (await quotas.hold(id, accountId, share, limits)) return;
  throw quotaExceeded(quotaExcess(await quotas.usage(accountId, limits), share));
}

/**
 * Takes what a resize needs more of its account, in the transaction that accepts it, and as its last statement; what it needs less is given back at its end. Throws
 * `quota_exceeded`.
 */
export async function growQuota(
  { quotas }: Pick<Repositories, "quotas">,
  limits: QuotaLimits,
  { id, accountId, size }: { id: string; accountId: string; size: SizedPlan["size"] },
  to: SizedPlan["size"],
): Promise<void> {
  const grown = largerSize(size, to);
  const asked = { vcpus: grown.vcpus - size.vcpus, memory_mib: grown.memoryMib - size.memoryMib };
  if (asked.vcpus === 0 && asked.memory_mib === 0) return;
  if (await quotas.resize(id, grown, limits)) return;
  throw quotaExceeded(quotaExcess(await quotas.usage(accountId, limits), asked));
}

/** Refuses what an account has no room for at the moment. Throws `quota_exceeded`. */
export async function requireQuota(
  { quotas }: Pick<Repositories, "quotas">,
  limits: QuotaLimits,
  accountId: string,
  asked: Partial<Record<Quota, number>>,
): Promise<void> {
  const excess = quotaExcess(await quotas.usage(accountId, limits), asked);
  if (excess.length > 0) throw quotaExceeded(excess);
}

/** What was freed since the refusal is not in the list any more, which then may be empty: the code says enough. */
function quotaExceeded(excess: QuotaExcess[]): DomainError {
  const parts = excess.map(({ quota, limit, used, asked }) => ({
    field: `quotas.${quota}`,
    issue: `limit ${limit}, used ${used}, asked ${asked}`,
  }));
  if (parts.length === 0) return new DomainError("quota_exceeded");
  const text = excess.map(({ quota }, index) => `${quota} (${parts[index]?.issue ?? ""})`).join("; ");
  return new DomainError("quota_exceeded", {
    publicText: `The account's quota is not enough: ${text}.`,
    details: parts,
  });
}
