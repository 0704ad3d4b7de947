import { z } from "zod";
import { LIMITS } from "../../domain/limits.ts";
import { isPrintableText } from "../../domain/printable.ts";
import { RESOURCE_STATUSES } from "../../domain/statuses.ts";
import type { CreateServerRequest, ServerFilter } from "../../services/services.ts";
import { identifier, mustBe, resourceName } from "./fields.ts";
import { labelFilter, labels } from "./labels.ts";
import { pageParameters } from "./pagination.ts";

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
  status: z.enum(RESOURCE_STATUSES, `must be one of ${RESOURCE_STATUSES.join(", ")}`).optional(),
  region: identifier.optional(),
  name: resourceName.optional(),
  label: labelFilter.optional(),
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
  return {
    status: query.status ?? null,
    region: query.region ?? null,
    name: query.name ?? null,
    label: query.label ?? null,
  };
}
