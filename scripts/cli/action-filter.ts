import { seconds } from "./operator-api.ts";

/** How commands about many actions say which ones. */
export const FILTER_OPTIONS = {
  step: { type: "string" },
  "error-code": { type: "string" },
  region: { type: "string" },
  kind: { type: "string" },
  account: { type: "string" },
  "older-than": { type: "string" },
  "younger-than": { type: "string" },
} as const;

/** As the API has it. */
const FIELDS = {
  step: "step",
  "error-code": "error_code",
  region: "region",
  kind: "resource_type",
  account: "account_id",
} as const;

/** The filter as fields of the API. */
export function filterOf(values: Record<string, string | boolean | undefined>): Record<string, string | number> {
  const filter: Record<string, string | number> = {};
  for (const [option, field] of Object.entries(FIELDS)) {
    const value = values[option];
    if (typeof value === "string") filter[field] = value;
  }
  for (const option of ["older-than", "younger-than"]) {
    const value = values[option];
    if (typeof value === "string") filter[option.replace("-", "_")] = seconds(option, value);
  }
  return filter;
}
