import { z } from "zod";
import { AUDIT_CLASSES } from "../../domain/audit-classes.ts";
import type { CreateAuditRequest } from "../../services/services.ts";
import { identifier, mustBe, oneOf } from "./fields.ts";
import { reason } from "./operator.ts";
import { pageParameters } from "./pagination.ts";

export const createAuditBody = z
  .strictObject({
    repair: z
      .boolean({ error: mustBe("true or false") })
      .default(false)
      .meta({ description: "Whether what differs is to be repaired. Without it, it is only reported." }),
    delete_lost: z
      .boolean({ error: mustBe("true or false") })
      .default(false)
      .meta({
        description:
          "Whether a repair may delete instances and volumes that were made between a backup and its restore, and so have no row. Without it they are kept: they may be customers'.",
      }),
    regions: z
      .array(identifier, { error: mustBe("an array of regions") })
      .min(1, "must have at least one entry")
      .max(100, "must have at most 100 entries")
      .refine((regions) => new Set(regions).size === regions.length, "must not name a region twice")
      .meta({ uniqueItems: true, description: "Only these. The rows of the installation are always compared." })
      .optional(),
    classes: z
      .array(oneOf(AUDIT_CLASSES), { error: mustBe("an array of classes") })
      .min(1, "must have at least one entry")
      .max(AUDIT_CLASSES.length, `must have at most ${AUDIT_CLASSES.length} entries`)
      .refine((classes) => new Set(classes).size === classes.length, "must not name a class twice")
      .meta({ uniqueItems: true, description: "Only these classes of difference." })
      .optional(),
    reason: reason.meta({ description: "Why, for the audit log. Needed by a repair." }).optional(),
  })
  .superRefine(({ repair, reason: why }, context) => {
    if (repair && why === undefined) {
      context.addIssue({ code: "custom", path: ["reason"], message: "is required by a repair" });
    }
  })
  .meta({ id: "CreateAudit" });

export const listAuditsQuery = z.strictObject(pageParameters);

export const listAuditLogQuery = z.strictObject({
  ...pageParameters,
  account_id: identifier.meta({ description: "Only what was done to this account." }).optional(),
});

export function toCreateAuditRequest(body: z.output<typeof createAuditBody>): CreateAuditRequest {
  const { repair, delete_lost: deleteLost, regions = null, classes = null, reason: why = null } = body;
  return { repair, deleteLost, regions, classes, reason: why };
}
