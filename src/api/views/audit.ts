import { z } from "zod";
import { AUDIT_OUTCOMES, AUDIT_STATUSES, type Audit, type AuditDifference } from "../../domain/audit.ts";
import { AUDIT_CLASSES } from "../../domain/audit-classes.ts";
import type { AuditEvent } from "../../services/services.ts";
import { count, shownId, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

const auditClass = z.enum(AUDIT_CLASSES).meta({
  id: "AuditClass",
  description: "What differs: docs/operations.md says what each means and how it is repaired.",
});

const totalSchema = z
  .object({
    scope: z.string().meta({ description: "A region, or `*`: the rows of the installation." }),
    owned: count.meta({ description: "Servers and databases that should have an instance; of `*`, rows compared." }),
    found: count.meta({ description: "Instances that carry our tags; of `*`, rows that are right." }),
    differences: z
      .array(z.object({ class: auditClass, count }))
      .meta({ description: "Classes without differences are not listed." }),
    problem: z.string().nullable().meta({ description: "Why the part was not compared, or nothing written about it." }),
  })
  .meta({ id: "AuditTotal" });

const differenceSchema = z
  .object({
    class: auditClass,
    region: z.string().nullable(),
    subject: z.string().meta({ description: "The id of the server, database, action or account." }),
    account_id: z.string().nullable(),
    detail: z.string(),
    first_seen_at: timestamp.meta({ description: "Since when it has been there without a break." }),
    repair_after: timestamp.nullable().meta({ description: "It is not repaired before." }),
    outcome: z.enum(AUDIT_OUTCOMES).meta({
      description:
        "`found`: reported. `shown`: written on the resource. `repaired`. `waiting`: for `repair_after`. `refused` and `failed`: `message` says why.",
    }),
    message: z.string().nullable(),
  })
  .meta({ id: "AuditDifference" });

const auditShape = {
  id: shownId("audit"),
  status: z.enum(AUDIT_STATUSES).meta({ description: "`incomplete`: a part has a `problem`, or did not end." }),
  repair: z.boolean(),
  delete_lost: z.boolean(),
  regions: z.array(z.string()),
  classes: z.array(auditClass),
  reason: z.string().nullable(),
  requested_by: shownId("apiKey").nullable().meta({ description: "The API key; null: the schedule." }),
  totals: z.array(totalSchema).meta({ description: "Of the parts that have ended." }),
  created_at: timestamp,
  ended_at: timestamp.nullable(),
};

export const auditSchema = z.object(auditShape).meta({ id: "Audit" });

export const auditDetailSchema = z
  .object({
    ...auditShape,
    differences: z.array(differenceSchema).meta({ description: "At most 2,000 of a part; the totals count all." }),
  })
  .meta({ id: "AuditDetail" });

export function auditView(audit: Audit): z.output<typeof auditSchema> {
  return {
    id: audit.id,
    status: audit.status,
    repair: audit.repair,
    delete_lost: audit.deleteLost,
    regions: audit.regions,
    classes: audit.classes,
    reason: audit.reason,
    requested_by: audit.requestedBy?.apiKeyId ?? null,
    totals: audit.totals
      .toSorted((a, b) => (a.scope < b.scope ? -1 : 1))
      .map(({ differences, ...total }) => ({
        ...total,
        differences: AUDIT_CLASSES.flatMap((name) => {
          const number = differences[name];
          return number === undefined ? [] : [{ class: name, count: number }];
        }),
      })),
    created_at: rfc3339(audit.createdAt),
    ended_at: audit.endedAt && rfc3339(audit.endedAt),
  };
}

export function auditDetailView({
  audit,
  differences,
}: {
  audit: Audit;
  differences: AuditDifference[];
}): z.output<typeof auditDetailSchema> {
  return {
    ...auditView(audit),
    differences: differences.map(({ accountId, firstSeenAt, repairAfter, ...difference }) => ({
      ...difference,
      account_id: accountId,
      first_seen_at: rfc3339(firstSeenAt),
      repair_after: repairAfter && rfc3339(repairAfter),
    })),
  };
}

const state = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ published: { type: ["object", "null"] } });

export const auditEventSchema = z
  .object({
    id: shownId("auditEvent"),
    account_id: z.string().meta({ description: "Whose thing it was done to." }),
    api_key_id: z.string().nullable().meta({ description: "Who did it; null: an operator, on the database." }),
    request_id: z.string().nullable(),
    event: z.string().meta({ description: "Such as `api_key.create` or `audit.repair`." }),
    resource: z.object({ type: z.string(), id: z.string() }),
    reason: z.string().nullable().meta({ description: "Why, as the operator said it." }),
    before: state,
    after: state,
    created_at: timestamp,
  })
  .meta({ id: "AuditEvent" });

export function auditEventView(event: AuditEvent): z.output<typeof auditEventSchema> {
  return {
    id: event.id,
    account_id: event.accountId,
    api_key_id: event.apiKeyId,
    request_id: event.requestId,
    event: event.event,
    resource: { type: event.resourceKind, id: event.resourceId },
    reason: event.reason,
    before: event.before,
    after: event.after,
    created_at: rfc3339(event.createdAt),
  };
}
