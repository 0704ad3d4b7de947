import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { RETRY, RETRY_DETAIL, RETRY_PREVIEW } from "../operator-examples.ts";
import { pageRequest } from "../schemas/pagination.ts";
import {
  createRetryBody,
  createRetryQuery,
  listRetriesQuery,
  stopRetryQuery,
  toCreateRetryRequest,
} from "../schemas/retry.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";
import {
  retryDetailSchema,
  retryDetailView,
  retryPreviewSchema,
  retryPreviewView,
  retrySchema,
  retryView,
} from "../views/retry.ts";

const COLLECTION = "/v1/operator/retries";
const MEMBER = `${COLLECTION}/:id` as const;

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["operator"],
  query: createRetryQuery,
  body: createRetryBody,
  answers: {
    200: {
      description: "Only with `?dry_run=true`: what would be tried again. Nothing was.",
      data: retryPreviewSchema,
      example: RETRY_PREVIEW,
    },
    202: { description: "The retry, which has begun.", data: retrySchema, example: RETRY, hasLocation: true },
  },
  docs: {
    operationId: "createRetry",
    tag: "Operators",
    summary: "Try failed creates again",
    description:
      "Runs the create again of every server and database that is `failed` with a create that matches, oldest first, so many in a minute: the same id, as its holder's own `retry` does it. The failed create stays, with its error. What is meant is settled now; each is dealt with once, and one that has gone on meanwhile, or whose account has no room for it, is skipped, and says why. What was cancelled is nobody's failure and is left alone. At least one part of the filter is named; at most 10,000 match. Follow it with `GET /v1/operator/retries/{id}`.",
    costs: "Nothing to you: each create costs its account what it did.",
    sample: {
      body: {
        error_code: "boot_timeout",
        region: "us-east-1",
        younger_than: 7200,
        per_minute: 30,
        reason: "the network of us-east-1 is back",
      },
    },
  },
  async handle({ services, query, body, context }) {
    const request = toCreateRetryRequest(body);
    if (query.dry_run) return { status: 200, data: retryPreviewView(await services.previewRetry(request.filter)) };
    const { value: retry, replayed } = await services.createRetry(request, context);
    const headers = effectHeaders({ location: `${COLLECTION}/${retry.id}`, replayed });
    return { status: 202, data: retryView(retry), headers };
  },
});

const toReply = pageReplies(retryView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["operator"],
  query: listRetriesQuery,
  answers: {
    200: { description: "A page of them, newest first.", data: z.array(retrySchema), example: [RETRY], isPage: true },
  },
  docs: {
    operationId: "listRetries",
    tag: "Operators",
    summary: "List all retries",
    description: "What operators had tried again, newest first, and how far it is.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString }) {
    return toReply(await services.listRetries(pageRequest(query)), queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["operator"],
  id: "retry",
  answers: { 200: { description: "The retry as it is now.", data: retryDetailSchema, example: RETRY_DETAIL } },
  docs: {
    operationId: "getRetry",
    tag: "Operators",
    summary: "Follow a retry",
    description:
      "How many creates matched, how many of them were begun or skipped, and each of them with what became of it.",
    costs: "Nothing.",
  },
  async handle({ services, id }) {
    return { status: 200, data: retryDetailView(await services.getRetry(id)) };
  },
});

const stop = endpoint({
  method: "delete",
  path: MEMBER,
  scopes: ["operator"],
  id: "retry",
  query: stopRetryQuery,
  answers: { 200: { description: "The retry, which begins nothing more.", data: retrySchema, example: RETRY } },
  docs: {
    operationId: "stopRetry",
    tag: "Operators",
    summary: "Stop a retry",
    description:
      "What it has not begun yet is left alone; what it has begun goes on. A retry that has ended stays as it is.",
    costs: "Nothing.",
    sample: { query: { reason: "they fail again" } },
  },
  async handle({ services, id, query, context }) {
    const { value: retry, replayed } = await services.stopRetry(id, query.reason, context);
    return { status: 200, data: retryView(retry), headers: effectHeaders({ replayed }) };
  },
});

export const operatorRetryEndpoints = [create, list, read, stop];
