import { z } from "zod";
import type { WorkerChangeRequest } from "../../services/services.ts";
import { identifier, mustBe, oneOf } from "./fields.ts";
import { reason } from "./operator.ts";

export const changeWorkersBody = z
  .strictObject({
    type: oneOf(["set_current", "ramp", "rollback"]).meta({
      description:
        "`set_current`: every new action begins on the build. `ramp`: `percent` of them do. `rollback`: a ramp ends, or else the build that was current before is so again.",
    }),
    build_id: identifier
      .meta({ description: "One that workers have shown themselves as. Needed by all but `rollback`." })
      .optional(),
    percent: z
      .int({ error: mustBe("a whole number") })
      .min(0, "must be at least 0")
      .max(100, "must be at most 100")
      .meta({ description: "Of new actions; 0 ends a ramp. Needed by `ramp`." })
      .optional(),
    reason,
  })
  .superRefine(({ type, build_id: buildId, percent }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (type !== "rollback" && buildId === undefined) refuse("build_id", `is required by ${type}`);
    if (type === "rollback" && buildId !== undefined) refuse("build_id", "is not taken by rollback");
    if (type === "ramp" && percent === undefined) refuse("percent", "is required by ramp");
    if (type !== "ramp" && percent !== undefined) refuse("percent", `is not taken by ${type}`);
  })
  .meta({ id: "ChangeWorkers" });

export function toWorkerChangeRequest(body: z.output<typeof changeWorkersBody>): WorkerChangeRequest {
  const { type, build_id: buildId = "", percent = null, reason: why } = body;
  return { type, buildId, percent, reason: why };
}
