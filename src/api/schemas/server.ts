import { z } from "zod";
import { DomainError, type ErrorDetail } from "../../domain/domain-error.ts";
import { LIMITS } from "../../domain/limits.ts";
import { isPrintableText } from "../../domain/printable.ts";
import { SERVER_REQUESTS } from "../../domain/server.ts";
import type { CreateServerRequest, ServerActionRequest, ServerFilter } from "../../services/services.ts";
import { description, patchBody } from "./describe.ts";
import { booleanParameter, identifier, mustBe, oneOf, resourceName } from "./fields.ts";
import { labels } from "./labels.ts";
import { pageParameters } from "./pagination.ts";
import { resourceFilters, toResourceFilter } from "./resource-filters.ts";

export const createServerBody = z
  .strictObject({
    name: resourceName,
    plan: identifier.meta({ description: "A plan with the kind `server`: see `GET /v1/plans`.", examples: ["pro"] }),
    region: identifier.meta({ description: "Where: see `GET /v1/regions`.", examples: ["us-east-1"] }),
    image: identifier
      .meta({
        description:
          "What it boots: see `GET /v1/images`. Without it, the region's default, as published `ubuntu-22.04`.",
        examples: ["ubuntu-22.04"],
      })
      .optional(),
    ssh_keys: z
      .array(identifier, { error: mustBe("an array of SSH key ids") })
      .max(LIMITS.sshKeysPerServer, `must have at most ${LIMITS.sshKeysPerServer} entries`)
      .refine((ids) => new Set(ids).size === ids.length, "must not name a key twice")
      .meta({
        uniqueItems: true,
        description: "Ids of the SSH keys that may log in as `root`. Without one, nobody can.",
      })
      .optional(),
    user_data: z
      .string({ error: mustBe("a string") })
      .refine(
        (text) => Buffer.byteLength(text) <= LIMITS.userDataMaxBytes,
        `must be at most ${LIMITS.userDataMaxBytes} bytes`,
      )
      .refine(isPrintableText, "must be text without control characters other than tabs and line ends")
      .meta({
        description:
          "cloud-init user data for the first boot, in any form that cloud-init takes, at most 16 KiB. It is kept sealed and never shown.",
        maxLength: LIMITS.userDataMaxBytes,
      })
      .optional(),
    labels: labels.optional(),
  })
  .meta({ id: "CreateServer" });

export const updateServerBody = patchBody("UpdateServer", description);

export const serverActionBody = z
  .strictObject({
    type: oneOf(SERVER_REQUESTS).meta({ description: "What is to be done." }),
    plan: identifier
      .meta({ description: "Of a `resize`, and only of one: the plan it gets.", examples: ["pro"] })
      .optional(),
    image: identifier
      .meta({
        description: "Of a `rebuild` only: what it boots from now on. Without it, the image it has.",
        examples: ["debian-12"],
      })
      .optional(),
  })
  .meta({ id: "ServerActionRequest" });

/** Which fields go with which type. */
export function serverActionIssues({ type, plan, image }: Partial<z.output<typeof serverActionBody>>): ErrorDetail[] {
  if (type === undefined) return [];
  return [
    ...(type === "resize" && plan === undefined ? [{ field: "plan", issue: "is required for a resize" }] : []),
    ...(type !== "resize" && plan !== undefined ? [{ field: "plan", issue: "goes with a resize only" }] : []),
    ...(type !== "rebuild" && image !== undefined ? [{ field: "image", issue: "goes with a rebuild only" }] : []),
  ];
}

/** What both creates take in the query string. */
export const createQuery = z.strictObject({
  dry_run: booleanParameter.meta({
    description: "Check everything and answer what would be made: nothing is made, written or reserved.",
  }),
});

export const listServersQuery = z.strictObject({
  ...pageParameters,
  ...resourceFilters,
});

export function toCreateServerRequest(body: z.output<typeof createServerBody>): CreateServerRequest {
  return {
    name: body.name,
    plan: body.plan,
    region: body.region,
    image: body.image ?? null,
    sshKeyIds: body.ssh_keys ?? [],
    userData: body.user_data ?? null,
    labels: body.labels ?? {},
  };
}

export function toServerFilter(query: z.output<typeof listServersQuery>): ServerFilter {
  return toResourceFilter(query);
}

/** Throws `validation_failed` for fields that do not go with the type. */
export function toServerActionRequest(body: z.output<typeof serverActionBody>): ServerActionRequest {
  const details = serverActionIssues(body);
  if (details.length > 0) throw new DomainError("validation_failed", { details });
  return { type: body.type, plan: body.plan ?? null, image: body.image ?? null };
}
