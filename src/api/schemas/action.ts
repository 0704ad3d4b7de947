import { z } from "zod";
import { RESOURCE_KINDS } from "../../domain/resource.ts";
import { ACTION_STATUSES } from "../../domain/statuses.ts";
import { ACTION_TYPES } from "../../domain/workflow-contracts.ts";
import type { ActionFilter } from "../../services/services.ts";
import { identifier, integerParameter, oneOf } from "./fields.ts";
import { pageParameters } from "./pagination.ts";

/** The longest an answer is held back, seconds. */
const WAIT_MAX = 60;

export const getActionQuery = z.strictObject({
  wait: integerParameter({ min: 0, max: WAIT_MAX, default: 0 }).meta({
    description: "Hold the answer until the action has ended, for at most so many seconds.",
  }),
});

export const listActionsQuery = z.strictObject({
  ...pageParameters,
  status: oneOf(ACTION_STATUSES).meta({ description: "Only those in this status." }).optional(),
  type: oneOf(ACTION_TYPES).meta({ description: "Only those of this type." }).optional(),
  resource_type: oneOf(RESOURCE_KINDS).meta({ description: "Only those on this kind of resource." }).optional(),
  resource_id: identifier.meta({ description: "Only those on this resource, also after its end." }).optional(),
});

export const resourceActionsQuery = z.strictObject(pageParameters);

export function toActionFilter(query: z.output<typeof listActionsQuery>): ActionFilter {
  return {
    status: query.status ?? null,
    type: query.type ?? null,
    resourceKind: query.resource_type ?? null,
    resourceId: query.resource_id ?? null,
  };
}
