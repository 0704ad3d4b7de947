import { z } from "zod";
import { REGION_STEPS } from "../../domain/hold.ts";
import type { CreateHoldRequest } from "../../services/services.ts";
import { booleanParameter, oneOf } from "./fields.ts";
import { narrowing, reason } from "./operator.ts";
import { pageParameters } from "./pagination.ts";

export const createHoldBody = z
  .strictObject({
    region: narrowing.region.meta({ description: "Only in this region." }).optional(),
    step: oneOf(REGION_STEPS).meta({ description: "Only before this step." }).optional(),
    resource_type: narrowing.resource_type.meta({ description: "Only of this kind of resource." }).optional(),
    reason: reason.meta({ description: "Why: operators read it, customers don't." }),
  })
  .meta({ id: "CreateHold" });

export const listHoldsQuery = z.strictObject({
  ...pageParameters,
  include_released: booleanParameter.meta({ description: "Those that were released, too." }),
});

export const releaseHoldQuery = z.strictObject({ reason });

export function toCreateHoldRequest(body: z.output<typeof createHoldBody>): CreateHoldRequest {
  const { region = null, step = null, resource_type: resourceKind = null, reason: why } = body;
  return { region, step, resourceKind, reason: why };
}
