import { z } from "zod";
import { DATABASE_ENGINES, DATABASE_REQUESTS } from "../../domain/database.ts";
import { ENGINE_VERSION_PATTERN } from "../../domain/engine-versions.ts";
import type { CreateDatabaseRequest, DatabaseFilter, UpdateDatabaseRequest } from "../../services/services.ts";
import { description, patchBody, toDescribeRequest } from "./describe.ts";
import { identifier, mustBe, oneOf, resourceName } from "./fields.ts";
import { labels } from "./labels.ts";
import { pageParameters } from "./pagination.ts";
import { resourceFilters, toResourceFilter } from "./resource-filters.ts";
import { trustedSources } from "./trusted-sources.ts";

export const createDatabaseBody = z
  .strictObject({
    name: resourceName,
    engine: oneOf(DATABASE_ENGINES).meta({ description: "What runs: see `GET /v1/database_engines`." }),
    version: z
      .string({ error: mustBe("a string") })
      .regex(ENGINE_VERSION_PATTERN, "must be a version such as 17 or 15.4")
      .meta({
        description:
          "`17` is any version of that major, `15.4` that major at 15.4 or newer. Without it, the newest there is.",
        examples: ["15.4"],
      })
      .optional(),
    plan: identifier.meta({
      description: "A plan with the kind `database`: see `GET /v1/plans`.",
      examples: ["standard"],
    }),
    region: identifier.meta({ description: "Where: see `GET /v1/regions`.", examples: ["us-east-1"] }),
    trusted_sources: trustedSources.optional(),
    labels: labels.optional(),
  })
  .meta({ id: "CreateDatabase" });

export const updateDatabaseBody = patchBody("UpdateDatabase", {
  ...description,
  trusted_sources: trustedSources.optional(),
});

export const databaseActionBody = z
  .strictObject({ type: oneOf(DATABASE_REQUESTS).meta({ description: "What is to be done." }) })
  .meta({ id: "DatabaseActionRequest" });

export const listDatabasesQuery = z.strictObject({
  ...pageParameters,
  ...resourceFilters,
  engine: oneOf(DATABASE_ENGINES).meta({ description: "Only those of this engine." }).optional(),
});

export function toCreateDatabaseRequest(body: z.output<typeof createDatabaseBody>): CreateDatabaseRequest {
  return {
    name: body.name,
    engine: body.engine,
    version: body.version ?? null,
    plan: body.plan,
    region: body.region,
    trustedSources: body.trusted_sources ?? [],
    labels: body.labels ?? {},
  };
}

export function toUpdateDatabaseRequest(body: z.output<typeof updateDatabaseBody>): UpdateDatabaseRequest {
  return {
    ...toDescribeRequest(body),
    ...(body.trusted_sources !== undefined && { trustedSources: body.trusted_sources }),
  };
}

export function toDatabaseFilter(query: z.output<typeof listDatabasesQuery>): DatabaseFilter {
  return { ...toResourceFilter(query), engine: query.engine ?? null };
}
