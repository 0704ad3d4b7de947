import { z } from "zod";
import { DEFAULT_DEADLINE_SECONDS, type DeadlineSeconds } from "../domain/action-deadlines.ts";

const DAY_SECONDS = 86_400;

/** `deadline_seconds` in cloudnexus.yaml: what it does not name has its default. */
export const deadlineSecondsSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(DEFAULT_DEADLINE_SECONDS).map(([type, seconds]) => [
        type,
        z.int().min(1).max(DAY_SECONDS).default(seconds),
      ]),
    ) as Record<keyof DeadlineSeconds, z.ZodDefault<z.ZodInt>>,
  )
  .prefault({});
