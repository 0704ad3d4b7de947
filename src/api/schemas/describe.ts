import { z } from "zod";
import type { DescribeRequest } from "../../services/services.ts";
import { resourceName } from "./fields.ts";
import { labels } from "./labels.ts";

/** What a PATCH of every resource takes. */
export const description = { name: resourceName.optional(), labels: labels.optional() };

/** The body of a PATCH: some of these fields, and not none. */
export function patchBody<Shape extends z.ZodRawShape>(id: string, fields: Shape) {
  return z
    .strictObject(fields)
    .refine((body) => Object.keys(body).length > 0, `must have at least one of ${Object.keys(fields).join(", ")}`)
    .meta({ id, minProperties: 1 });
}

export function toDescribeRequest({ name, labels: given }: z.output<z.ZodObject<typeof description>>): DescribeRequest {
  return { ...(name !== undefined && { name }), ...(given !== undefined && { labels: given }) };
}
