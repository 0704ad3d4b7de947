import { z } from "zod";
import { RESOURCE_KINDS } from "../../domain/resource.ts";
import { RETRY_OUTCOMES, RETRY_STATUSES, type Retry, type RetryItem } from "../../domain/retry.ts";
import { count, errorCode, shownId, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

const matchedShape = {
  action_id: shownId("action").meta({ description: "The create that failed." }),
  resource: z.object({ type: z.enum(RESOURCE_KINDS), id: z.string() }),
};

const itemSchema = z
  .object({
    ...matchedShape,
    outcome: z.enum(RETRY_OUTCOMES).meta({ description: "`waiting`: its turn has not come." }),
    started_action_id: shownId("action").nullable().meta({ description: "The create that was begun." }),
    skipped: z
      .object({ code: errorCode, message: z.string() })
      .nullable()
      .meta({ description: "Why it was left alone." }),
  })
  .meta({ id: "RetryItem" });

const retryShape = {
  id: shownId("retry"),
  status: z.enum(RETRY_STATUSES).meta({ description: "`succeeded`: all of it was dealt with." }),
  filter: z
    .record(z.string(), z.unknown())
    .meta({ description: "As it was asked for; ages as times.", published: { type: "object" } }),
  per_minute: count,
  reason: z.string(),
  requested_by: shownId("apiKey"),
  matched: count,
  started: count,
  skipped: count,
  created_at: timestamp,
  ended_at: timestamp.nullable(),
};

export const retrySchema = z.object(retryShape).meta({ id: "Retry" });

export const retryDetailSchema = z
  .object({
    ...retryShape,
    items: z.array(itemSchema).meta({ description: "The first 1,000, in the order they are tried: oldest first." }),
  })
  .meta({ id: "RetryDetail" });

export const retryPreviewSchema = z
  .object({
    dry_run: z.literal(true),
    matched: count,
    items: z.array(z.object(matchedShape)).meta({ description: "The first 20, in the order they would be tried." }),
  })
  .meta({ id: "RetryPreview" });

export function retryView(retry: Retry): z.output<typeof retrySchema> {
  const {
    actionId,
    step,
    errorCode: code,
    region,
    resourceKind,
    accountId,
    createdBefore,
    createdAfter,
  } = retry.filter;
  const filter = {
    ...{ action_id: actionId, step, error_code: code, region, resource_type: resourceKind, account_id: accountId },
    created_before: createdBefore && rfc3339(createdBefore),
    created_after: createdAfter && rfc3339(createdAfter),
  };
  return {
    id: retry.id,
    status: retry.status,
    filter: Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== null)),
    per_minute: retry.perMinute,
    reason: retry.reason,
    requested_by: retry.requestedBy.apiKeyId,
    matched: retry.matched,
    started: retry.started,
    skipped: retry.skipped,
    created_at: rfc3339(retry.createdAt),
    ended_at: retry.endedAt && rfc3339(retry.endedAt),
  };
}

export function retryDetailView({
  retry,
  items,
}: {
  retry: Retry;
  items: RetryItem[];
}): z.output<typeof retryDetailSchema> {
  return {
    ...retryView(retry),
    items: items.map((item) => ({
      ...matchedView(item),
      outcome: item.outcome,
      started_action_id: item.startedActionId,
      skipped: item.code === null ? null : { code: item.code, message: item.message ?? "" },
    })),
  };
}

type Matched = Pick<RetryItem, "actionId" | "resourceKind" | "resourceId">;

export function retryPreviewView(preview: { matched: number; items: Matched[] }): z.output<typeof retryPreviewSchema> {
  return { dry_run: true, matched: preview.matched, items: preview.items.map(matchedView) };
}

function matchedView({ actionId, resourceKind, resourceId }: Matched) {
  return { action_id: actionId, resource: { type: resourceKind, id: resourceId } };
}
