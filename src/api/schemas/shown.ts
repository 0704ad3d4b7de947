import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "../../domain/error-codes.ts";
import { ID_PREFIXES } from "../../domain/ids.ts";
import { RESOURCE_STATUSES } from "../../domain/statuses.ts";

/** The building blocks of what answers show. Nothing is parsed by them: the views are typed by them, and openapi/openapi.json is made of them. */

export function shownId(kind: keyof typeof ID_PREFIXES) {
  return z.string().meta({ published: { type: "string", pattern: `^${ID_PREFIXES[kind]}_[a-z2-7]{24}$` } });
}

/** UTC, RFC 3339. */
export const timestamp = z.string().meta({ published: { type: "string", format: "date-time" } });

export const ipv4 = z.string().meta({ published: { type: "string", format: "ipv4" } });

export const count = z.number().meta({ published: { type: "integer", minimum: 0 } });

/** String to string. */
export const shownLabels = z.record(z.string(), z.string()).meta({
  description: "As they were given.",
  published: { type: "object", additionalProperties: { type: "string" } },
});

export const errorCode = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).meta({
  id: "ErrorCode",
  description:
    "What went wrong, for programs to decide by. New codes may be added: treat one you don't know by its status.",
});

export const resourceStatus = z.enum(RESOURCE_STATUSES).meta({
  id: "ResourceStatus",
  description:
    "`provisioning` becomes `active`, or `failed`. `active` and `suspended` become each other, or `failed` if the instance was lost for good. `deleting` ends in a 404.",
});

export const powerState = z.enum(["running", "stopped", "unknown"]).meta({
  id: "PowerState",
  description: "Whether it is switched on; `unknown` until it was made, and while its instance is missing.",
});

/** Why a resource is in its present state. */
export const resourceError = z
  .object({
    code: errorCode,
    message: z.string().meta({ description: "The same for people." }),
    step: z.string().nullable().meta({ description: "The step of the action that failed." }),
    action_id: shownId("action"),
    retryable: z.boolean().meta({ description: "Whether the same can succeed later." }),
  })
  .meta({
    id: "ResourceError",
    description: "What the latest action failed with, or what has become of the instance.",
  });

/** `meta.pagination` of a list. */
export const paginationSchema = z
  .object({
    page: count,
    per_page: count,
    total: count.meta({ description: "How many there are in all, with the same filters." }),
    total_pages: count,
    next_cursor: z.string().nullable().meta({ description: "For `?cursor=`; null on the last page." }),
  })
  .meta({ id: "Pagination" });

export type PaginationView = z.output<typeof paginationSchema>;
