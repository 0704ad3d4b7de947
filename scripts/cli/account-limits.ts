import { quotaLimit } from "../../src/config/limits-schema.ts";
import { QUOTAS, type Quota } from "../../src/domain/quotas.ts";
import type { OwnQuotas } from "../../src/services/accounts.ts";
import type { OwnQuotaLimits } from "../../src/store/quotas.ts";
import { UsageError } from "./request.ts";

/** In place of a number: the limit of cloudnexus.yaml. */
const DEFAULT = "default";

/** `--memory-mib` for memory_mib. */
export const LIMIT_OPTIONS = QUOTAS.map(optionOf);

/** The limits that the command line changes. */
export function readLimits(values: Record<string, string | undefined>): Partial<OwnQuotaLimits> {
  const changes: Partial<OwnQuotaLimits> = {};
  for (const quota of QUOTAS) {
    const text = values[optionOf(quota)];
    if (text !== undefined) changes[quota] = text === DEFAULT ? null : limitOf(quota, text);
  }
  return changes;
}

export function shownQuotas(quotas: OwnQuotas): object {
  return Object.fromEntries(
    Object.entries(quotas).map(([quota, { limit, used }]) => [quota, { limit: limit ?? DEFAULT, used }]),
  );
}

function limitOf(quota: Quota, text: string): number {
  const limit = quotaLimit.safeParse(/^\d+$/.test(text) ? Number(text) : text);
  if (!limit.success) throw new UsageError(`account limits takes a number or ${DEFAULT} as --${optionOf(quota)}`);
  return limit.data;
}

function optionOf(quota: Quota): string {
  return quota.replaceAll("_", "-");
}
