import type { z } from "zod";
import type { ErrorDetail } from "../../domain/domain-error.ts";
import { isPrintableLine } from "../../domain/printable.ts";
import { nearName } from "./near-name.ts";

const SHOWN_NAME_MAX_LENGTH = 64;

/** Turns the issues of a schema into details, one a field, in the order of the schema. `part` is what they are about when no field is named. */
export function toDetails(issues: z.core.$ZodIssue[], schema: z.ZodObject, part: "body" | "query"): ErrorDetail[] {
  const details = new Map<string, ErrorDetail>();
  for (const detail of issues.flatMap((issue) => issueDetails(issue, schema, part))) {
    if (!details.has(detail.field)) details.set(detail.field, detail);
  }
  return [...details.values()];
}

function issueDetails(issue: z.core.$ZodIssue, schema: z.ZodObject, part: "body" | "query"): ErrorDetail[] {
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(schema.shape);
    return issue.keys.map((key) => ({ field: shownName(key), issue: unknownIssue(key, known, part) }));
  }
  // A rule of ours about the whole says what it asks; any other issue of the whole is that it is no object.
  if (issue.path.length === 0) {
    return [{ field: part, issue: issue.code === "custom" ? issue.message : "must be a JSON object" }];
  }
  return [{ field: fieldPath(issue.path), issue: issue.message }];
}

function unknownIssue(key: string, known: readonly string[], part: "body" | "query"): string {
  const near = nearName(key, known);
  const what = part === "body" ? "is not a field of this request" : "is not a parameter of this request";
  if (near !== null) return `${what}; did you mean ${near}?`;
  return known.length === 0 ? what : `${what}; there are ${known.join(", ")}`;
}

/** `ssh_keys[1]`, `labels.env`. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${String(part)}`))
    .join("");
}

/** A name made up by the client, fit for a terminal. */
function shownName(name: string): string {
  const shown = name.length > SHOWN_NAME_MAX_LENGTH ? `${name.slice(0, SHOWN_NAME_MAX_LENGTH)}…` : name;
  return isPrintableLine(shown) && shown !== "" ? shown : JSON.stringify(shown);
}
