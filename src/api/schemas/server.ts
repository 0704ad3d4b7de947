import { z } from "zod";
import { LIMITS } from "../../domain/limits.ts";
import { isPrintableText } from "../../domain/printable.ts";
import type { CreateServerRequest, ServerFilter } from "../../services/services.ts";
import { identifier, mustBe, resourceName } from "./fields.ts";
import { labels } from "./labels.ts";
import { pageParameters } from "./pagination.ts";
import { resourceFilters, toResourceFilter } from "./resource-filters.ts";

export const createServerBody = z.strictObject({
  name: resourceName,
  plan: identifier,
  region: identifier,
  image: identifier.optional(),
  ssh_keys: z
    .array(identifier, { error: mustBe("an array of SSH key ids") })
    .max(LIMITS.sshKeysPerServer, `must have at most ${LIMITS.sshKeysPerServer} entries`)
    .refine((ids) => new Set(ids).size === ids.length, "must not name a key twice")
    .optional(),
  user_data: z
    .string({ error: mustBe("a string") })
    .refine(
      (text) => Buffer.byteLength(text) <= LIMITS.userDataMaxBytes,
      `must be at most ${LIMITS.userDataMaxBytes} bytes`,
    )
    .refine(isPrintableText, "must be text without control characters other than tabs and line ends")
    .optional(),
  labels: labels.optional(),
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
