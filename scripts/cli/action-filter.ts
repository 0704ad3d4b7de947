import type { Command } from "commander";
import { defined } from "./request-fields.ts";
import { seconds, text } from "./words.ts";

/** How commands about many actions say which ones. */
export interface ActionFilter {
  step?: string;
  errorCode?: string;
  region?: string;
  kind?: string;
  account?: string;
  /** Seconds. */
  olderThan?: number;
  youngerThan?: number;
}

export function addFilter(command: Command): Command {
  return command
    .option("--step <step>", "stands at this step, or has failed in it", text)
    .option("--error-code <code>", "has failed with it", text)
    .option("--region <region>", "in this region", text)
    .option("--kind <kind>", "server or database", text)
    .option("--account <id>", "of this account", text)
    .option("--older-than <age>", "began longer ago: 90s, 10m, 2h, 7d", seconds)
    .option("--younger-than <age>", "began since then", seconds);
}

/** As the API has it. */
export function filterOf(filter: ActionFilter): Record<string, string | number> {
  return defined({
    step: filter.step,
    error_code: filter.errorCode,
    region: filter.region,
    resource_type: filter.kind,
    account_id: filter.account,
    older_than: filter.olderThan,
    younger_than: filter.youngerThan,
  });
}
