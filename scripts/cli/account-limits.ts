import { type Command, InvalidArgumentError, Option } from "commander";
import { quotaLimit } from "../../src/config/limits-schema.ts";
import { QUOTAS } from "../../src/domain/quotas.ts";
import type { OwnQuotas } from "../../src/services/accounts.ts";
import type { OwnQuotaLimits } from "../../src/store/quotas.ts";

/** In place of a number: the limit of cloudnexus.yaml. */
const DEFAULT = "default";

/** `--memory-mib` for memory_mib, and so on. */
export function addLimitOptions(command: Command): { read(): Partial<OwnQuotaLimits> } {
  const options = QUOTAS.map((quota) => {
    const option = new Option(`--${quota.replaceAll("_", "-")} <n>`, `at most so many, or ${DEFAULT}`).argParser(
      limitOf,
    );
    command.addOption(option);
    return { quota, key: option.attributeName() };
  });
  return {
    read() {
      const typed = command.opts<Record<string, number | typeof DEFAULT | undefined>>();
      const changes: Partial<OwnQuotaLimits> = {};
      for (const { quota, key } of options) {
        const limit = typed[key];
        if (limit !== undefined) changes[quota] = limit === DEFAULT ? null : limit;
      }
      return changes;
    },
  };
}

export function shownQuotas(quotas: OwnQuotas): object {
  return Object.fromEntries(
    Object.entries(quotas).map(([quota, { limit, used }]) => [quota, { limit: limit ?? DEFAULT, used }]),
  );
}

function limitOf(text: string): number | typeof DEFAULT {
  if (text === DEFAULT) return DEFAULT;
  const limit = quotaLimit.safeParse(/^\d+$/.test(text) ? Number(text) : text);
  if (!limit.success) throw new InvalidArgumentError(`It is a number or ${DEFAULT}.`);
  return limit.data;
}
