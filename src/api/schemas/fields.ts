import { z } from "zod";
import { RESOURCE_NAME_PATTERN } from "../../domain/limits.ts";
import { isPrintableLine } from "../../domain/printable.ts";

/** The building blocks of all schemas. Their issues complete the sentence "<field> …". */

/** What is said of a value of the wrong type, or of none. */
export function mustBe(what: string) {
  return (issue: { input: unknown }) => (issue.input === undefined ? "is required" : `must be ${what}`);
}

/** One line of text. The length is in UTF-16 units, as JavaScript and JSON count. */
export function line(maxLength: number) {
  return z
    .string({ error: mustBe("a string") })
    .min(1, "must not be empty")
    .max(maxLength, `must be at most ${maxLength} characters`)
    .refine(isPrintableLine, "must be one line without control characters")
    .meta({ published: { type: "string", minLength: 1, maxLength, pattern: PRINTABLE_LINE } });
}

/** `isPrintableLine` as a pattern of JSON Schema; a lone surrogate can't be in JSON that is UTF-8. */
export const PRINTABLE_LINE = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$";

export const resourceName = z
  .string({ error: mustBe("a string") })
  .regex(
    RESOURCE_NAME_PATTERN,
    "must be 1-63 characters of a-z A-Z 0-9 . _ -, starting and ending with a letter or digit",
  )
  .meta({
    description:
      "1-63 characters of `a-z A-Z 0-9 . _ -`, starting and ending with a letter or digit. No two living resources of a kind share one.",
  });

/** A short word that names an entry of the catalogue or an object; whether there is such a thing is the service's question. */
export const identifier = line(64);

/** One of a few words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return z.enum(words, {
    error: ({ input }) => (input === undefined ? "is required" : `must be one of ${words.join(", ")}`),
  });
}

/** An integer in a query string. */
export function integerParameter(range: { min: number; max: number; default: number }) {
  const issue = `must be an integer from ${range.min} to ${range.max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, issue)
    .transform(Number)
    .refine((value) => value >= range.min && value <= range.max, issue)
    .default(range.default)
    .meta({ published: { type: "integer", minimum: range.min, maximum: range.max, default: range.default } });
}

/** `true` or `false` in a query string. */
export const booleanParameter = z
  .enum(["true", "false"], { error: "must be true or false" })
  .transform((word) => word === "true")
  .default(false)
  .meta({ published: { type: "boolean", default: false } });
