import type { z } from "zod";
import type { DescribeRequest } from "../../services/services.ts";
import { resourceName } from "./fields.ts";
import { labels } from "./labels.ts";

/** What a PATCH of every resource takes. */
export const description = { name: resourceName.optional(), labels: labels.optional() };

export function toDescribeRequest({ name, labels: given }: z.output<z.ZodObject<typeof description>>): DescribeRequest {
  return { ...(name !== undefined && { name }), ...(given !== undefined && { labels: given }) };
}
