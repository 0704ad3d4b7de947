import { z } from "zod";
import { integerParameter } from "./fields.ts";

/** The longest an answer is held back, seconds. */
const WAIT_MAX = 60;

export const getActionQuery = z.strictObject({
  wait: integerParameter({ min: 0, max: WAIT_MAX, default: 0 }).meta({
    description: "Hold the answer until the action has ended, for at most so many seconds.",
  }),
});
