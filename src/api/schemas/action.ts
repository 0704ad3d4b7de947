import { z } from "zod";
import { integerParameter } from "./fields.ts";

/** The longest an answer is held back, seconds. */
const WAIT_MAX = 60;

export const getActionQuery = z.strictObject({
  /** Seconds to hold the answer until the action has ended. */
  wait: integerParameter({ min: 0, max: WAIT_MAX, default: 0 }),
});
