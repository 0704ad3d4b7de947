import { z } from "zod";
import { expiryIssue } from "../../domain/api-key.ts";
import type { ErrorDetail } from "../../domain/domain-error.ts";
import { LIMITS } from "../../domain/limits.ts";
import { FULL_ACCESS } from "../../domain/principal.ts";
import type { CreateApiKeyRequest } from "../../services/services.ts";
import { SCOPES, type Scope } from "../scopes.ts";
import { mustBe, resourceName } from "./fields.ts";
import { pageParameters } from "./pagination.ts";

const GRANTABLE = [FULL_ACCESS, ...(Object.keys(SCOPES) as Scope[])] as const;

/** What a key may be given. */
const scope = z
  .enum(GRANTABLE, { error: `must be one of ${GRANTABLE.join(", ")}` })
  .meta({ id: "Scope", description: "What a key may do; `*`: everything." });

export const createApiKeyBody = z
  .strictObject({
    name: resourceName,
    scopes: z
      .array(scope, { error: mustBe("an array of scopes") })
      .min(1, "must have at least one entry")
      .max(GRANTABLE.length, `must have at most ${GRANTABLE.length} entries`)
      .refine((scopes) => new Set(scopes).size === scopes.length, "must not name a scope twice")
      .meta({ uniqueItems: true, description: "What the key may do: no scope that the key lacks that asks." }),
    expires_at: z.iso
      .datetime({ offset: true, error: mustBe("a time in RFC 3339, such as 2027-01-31T12:00:00Z") })
      .meta({
        description:
          "From when on it is refused. Without it, never; a key that expires itself has to name a time not after its own.",
        published: { type: "string", format: "date-time" },
      })
      .optional(),
  })
  .meta({ id: "CreateApiKey" });

const OVERLAP_ISSUE = `must be an integer from 0 to ${LIMITS.rollOverlapMaxSeconds}`;

export const rollApiKeyBody = z
  .strictObject({
    overlap_seconds: z
      .int({ error: OVERLAP_ISSUE })
      .min(0, OVERLAP_ISSUE)
      .max(LIMITS.rollOverlapMaxSeconds, OVERLAP_ISSUE)
      .default(LIMITS.rollOverlapDefaultSeconds)
      .meta({ description: "How long the old token works on. 0: it leaked, end it now." }),
  })
  .meta({ id: "RollApiKey" });

export const listApiKeysQuery = z.strictObject(pageParameters);

export function toCreateApiKeyRequest(body: z.output<typeof createApiKeyBody>): CreateApiKeyRequest {
  const { name, scopes, expires_at: expiresAt } = body;
  return { name, scopes, expiresAt: expiresAt === undefined ? null : new Date(expiresAt) };
}

/** Whether a time is past is asked apart from its form: a repetition of a request that was fine stays fine. */
export function pastExpiry(expiresAt: string | undefined): ErrorDetail[] {
  const issue = expiresAt === undefined ? null : expiryIssue(new Date(expiresAt));
  return issue === null ? [] : [{ field: "expires_at", issue }];
}
