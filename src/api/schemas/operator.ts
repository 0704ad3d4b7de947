import { z } from "zod";
import { ERROR_CODES, type ErrorCode } from "../../domain/error-codes.ts";
import { RESOURCE_KINDS } from "../../domain/resource.ts";
import { STEP_NAMES } from "../../domain/workflow-contracts.ts";
import { identifier, line, mustBe, oneOf } from "./fields.ts";

/** What the calls of operators have in common. */

const REASON_MAX = 255;
/** A hundred years, in seconds. */
const AGE_MAX = 3_153_600_000;

export const reason = line(REASON_MAX).meta({ description: "Why, for the audit log." });

/** Narrows a list of actions, or says which ones are meant. */
export const narrowing = {
  step: oneOf(STEP_NAMES),
  error_code: oneOf(Object.keys(ERROR_CODES) as readonly ErrorCode[]),
  region: identifier,
  resource_type: oneOf(RESOURCE_KINDS),
  account_id: identifier,
};

/** An age in a query string. */
export const ageParameter = z
  .string()
  .regex(/^\d{1,10}$/, `must be seconds, at most ${AGE_MAX}`)
  .transform(Number)
  .refine((value) => value <= AGE_MAX, `must be seconds, at most ${AGE_MAX}`)
  .meta({ published: { type: "integer", minimum: 0, maximum: AGE_MAX } });

/** An age in a body. */
export const age = z
  .int({ error: mustBe("seconds") })
  .min(0, "must be seconds")
  .max(AGE_MAX, `must be at most ${AGE_MAX}`);

/** So long ago; null for no age. */
export function before(seconds: number | undefined): Date | null {
  return seconds === undefined ? null : new Date(Date.now() - seconds * 1000);
}
