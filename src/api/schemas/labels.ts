import { z } from "zod";
import { LIMITS } from "../../domain/limits.ts";
import { isPrintableLine } from "../../domain/printable.ts";
import { holdsPrivateKey } from "../../domain/private-key.ts";
import { PRINTABLE_LINE } from "./fields.ts";

const LABEL_KEY_PATTERN = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const KEY_ISSUE =
  "has a key that is not 1-63 characters of A-Z a-z 0-9 . _ / -, starting and ending with a letter or digit";

/** String to string. Written out, since a record schema passes over a `__proto__` in silence. */
export const labels = z
  .custom<Record<string, string>>(isObject, "must be an object of strings")
  .superRefine((value, context) => {
    const entries = Object.entries(value as Record<string, unknown>);
    if (entries.length > LIMITS.labelsPerResource) {
      context.addIssue({ code: "custom", message: `must have at most ${LIMITS.labelsPerResource} entries` });
      return;
    }
    for (const [key, text] of entries) {
      if (!isLabelKey(key)) context.addIssue({ code: "custom", message: KEY_ISSUE });
      else if (!isLabelValue(text)) context.addIssue({ code: "custom", path: [key], message: VALUE_ISSUE });
      else if (holdsPrivateKey(text)) context.addIssue({ code: "custom", path: [key], message: PRIVATE_KEY_ISSUE });
    }
  })
  .meta({
    description: 'Words of your own to find things by, as `{"env": "production"}`.',
    published: {
      type: "object",
      maxProperties: LIMITS.labelsPerResource,
      propertyNames: { pattern: LABEL_KEY_PATTERN.source },
      additionalProperties: { type: "string", maxLength: LIMITS.labelValueMaxLength, pattern: PRINTABLE_LINE },
    },
  });

const VALUE_ISSUE = `must be a string of at most ${LIMITS.labelValueMaxLength} characters, one line, without control characters`;

/** Labels are shown to whoever may read the resource. */
const PRIVATE_KEY_ISSUE =
  "is a private key. Labels are no place for secrets; replace this key: it has left your machine";

const LABEL_FILTER = `${LABEL_KEY_PATTERN.source.slice(0, -1)}=${PRINTABLE_LINE.slice(1, -2)}{0,${LIMITS.labelValueMaxLength}}$`;

/** `key=value` in a query string. */
export const labelFilter = z
  .string()
  .transform((text) => {
    const separator = text.indexOf("=");
    return separator < 0 ? { key: "", value: "" } : { key: text.slice(0, separator), value: text.slice(separator + 1) };
  })
  .refine(({ key, value }) => isLabelKey(key) && isLabelValue(value), "must be of the form key=value")
  .meta({
    description: "Only those with this label, as `key=value`.",
    examples: ["env=production"],
    published: { type: "string", pattern: LABEL_FILTER },
  });

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLabelKey(key: string): boolean {
  return LABEL_KEY_PATTERN.test(key);
}

function isLabelValue(value: unknown): value is string {
  return typeof value === "string" && value.length <= LIMITS.labelValueMaxLength && isPrintableLine(value);
}
