import { z } from "zod";
import type { OperatorActionFilter } from "../../domain/operator-action.ts";
import { ACTION_STATUSES } from "../../domain/statuses.ts";
import { ACTION_TYPES } from "../../domain/workflow-contracts.ts";
import { oneOf } from "./fields.ts";
import { ageParameter, before, narrowing, reason } from "./operator.ts";
import { pageParameters } from "./pagination.ts";

export const listOperatorActionsQuery = z.strictObject({
  ...pageParameters,
  status: oneOf(ACTION_STATUSES).meta({ description: "Only those in this status." }).optional(),
  type: oneOf(ACTION_TYPES).meta({ description: "Only those of this type." }).optional(),
  resource_type: narrowing.resource_type.meta({ description: "Only those on this kind of resource." }).optional(),
  region: narrowing.region.meta({ description: "Only those in this region." }).optional(),
  step: narrowing.step.meta({ description: "Only those that stand at this step, or have failed in it." }).optional(),
  error_code: narrowing.error_code.meta({ description: "Only those that ended with this code." }).optional(),
  account_id: narrowing.account_id.meta({ description: "Only those of this account." }).optional(),
  older_than: ageParameter.meta({ description: "Only those that began more than so many seconds ago." }).optional(),
  younger_than: ageParameter.meta({ description: "Only those that began less than so many seconds ago." }).optional(),
});

export const cancelOperatorActionBody = z.strictObject({ reason }).meta({ id: "CancelAction" });

export function toOperatorActionFilter(query: z.output<typeof listOperatorActionsQuery>): OperatorActionFilter {
  return {
    status: query.status ?? null,
    type: query.type ?? null,
    resourceKind: query.resource_type ?? null,
    region: query.region ?? null,
    step: query.step ?? null,
    errorCode: query.error_code ?? null,
    accountId: query.account_id ?? null,
    createdBefore: before(query.older_than),
    createdAfter: before(query.younger_than),
  };
}
