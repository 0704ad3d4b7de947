import type { OwnQuotaLimits } from "../store/quotas.ts";
import type { Repositories } from "../store/store.ts";

/** Limits that are null become the installation's; returns what the audit log has of it. */
export async function changeLimits(
  { quotas }: Pick<Repositories, "quotas">,
  accountId: string,
  limits: Partial<OwnQuotaLimits>,
) {
  await quotas.lock(accountId);
  const before = await quotas.ownLimits(accountId);
  await quotas.setOwnLimits(accountId, limits);
  const after = await quotas.ownLimits(accountId);
  return { event: "account.limits", resourceKind: "account", resourceId: accountId, before, after } as const;
}
