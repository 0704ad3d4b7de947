import type { z } from "zod";
import { RESOURCE_STATUSES } from "../../domain/statuses.ts";
import type { ServerFilter } from "../../services/services.ts";
import { identifier, oneOf, resourceName } from "./fields.ts";
import { labelFilter } from "./labels.ts";

/** What every list of resources can be narrowed to. */
export const resourceFilters = {
  status: oneOf(RESOURCE_STATUSES).meta({ description: "Only those in this status." }).optional(),
  region: identifier.meta({ description: "Only those in this region." }).optional(),
  name: resourceName.meta({ description: "Only the one with this name." }).optional(),
  label: labelFilter.optional(),
};

export function toResourceFilter(query: z.output<z.ZodObject<typeof resourceFilters>>): ServerFilter {
  return {
    status: query.status ?? null,
    region: query.region ?? null,
    name: query.name ?? null,
    label: query.label ?? null,
  };
}
