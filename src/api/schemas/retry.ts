import { z } from "zod";
import { RETRIES_PER_MINUTE } from "../../domain/retry.ts";
import type { CreateRetryRequest } from "../../services/services.ts";
import { booleanParameter, identifier, mustBe } from "./fields.ts";
import { age, before, narrowing, reason } from "./operator.ts";
import { pageParameters } from "./pagination.ts";

export const createRetryBody = z
  .strictObject({
    action_id: identifier.meta({ description: "Only this create." }).optional(),
    step: narrowing.step.meta({ description: "Only those that failed in this step." }).optional(),
    error_code: narrowing.error_code.meta({ description: "Only those that failed with this code." }).optional(),
    region: narrowing.region.meta({ description: "Only those in this region." }).optional(),
    resource_type: narrowing.resource_type.meta({ description: "Only those of this kind of resource." }).optional(),
    account_id: narrowing.account_id.meta({ description: "Only those of this account." }).optional(),
    older_than: age.meta({ description: "Only those that began more than so many seconds ago." }).optional(),
    younger_than: age.meta({ description: "Only those that began less than so many seconds ago." }).optional(),
    per_minute: z
      .int({ error: mustBe("an integer") })
      .min(1, "must be at least 1")
      .max(RETRIES_PER_MINUTE.max, `must be at most ${RETRIES_PER_MINUTE.max}`)
      .default(RETRIES_PER_MINUTE.default)
      .meta({ description: "How many are begun in a minute." }),
    reason,
  })
  .meta({ id: "CreateRetry" });

export const createRetryQuery = z.strictObject({
  dry_run: booleanParameter.meta({ description: "Only tell how many match; nothing is begun or written." }),
});

export const listRetriesQuery = z.strictObject(pageParameters);

export const stopRetryQuery = z.strictObject({ reason });

export function toCreateRetryRequest(body: z.output<typeof createRetryBody>): CreateRetryRequest {
  return {
    filter: {
      actionId: body.action_id ?? null,
      step: body.step ?? null,
      errorCode: body.error_code ?? null,
      region: body.region ?? null,
      resourceKind: body.resource_type ?? null,
      accountId: body.account_id ?? null,
      createdBefore: before(body.older_than),
      createdAfter: before(body.younger_than),
    },
    perMinute: body.per_minute,
    reason: body.reason,
  };
}
