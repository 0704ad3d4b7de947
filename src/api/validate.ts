import type { Request } from "express";
import { z } from "zod";
import { DomainError, type ErrorDetail } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { IdempotencyRequest, Services } from "../services/services.ts";
import type { Endpoint } from "./endpoint.ts";
import { hashBody, readIdempotencyKey } from "./middleware/idempotency-key.ts";
import { readLastEventId } from "./middleware/last-event-id.ts";
import { toDetails } from "./schemas/details.ts";

export interface ValidRequest {
  query: Record<string, unknown>;
  queryString: string;
  body: Record<string, unknown>;
  lastEventId: string | null;
  idempotency: IdempotencyRequest | null;
}

/** A request with tens of thousands of unknown fields gets an answer of bearable size. */
const DETAILS_MAX = 50;

/** Checks query, body and Idempotency-Key of a request. Throws one `validation_failed` with everything that is wrong, references included. */
export async function validate(
  endpoint: Endpoint,
  request: Request,
  asker: { services: Services; principal: Principal },
): Promise<ValidRequest> {
  const queryString = queryStringOf(request.url);
  const query = validQuery(endpoint, queryString);
  const body = validBody(endpoint, request.body);
  const key = endpoint.method === "get" ? null : readIdempotencyKey(request);
  const lastEventId = endpoint.isResumable ? readLastEventId(request) : null;
  const lastDetails = lastEventId !== null && typeof lastEventId !== "string" ? [lastEventId] : [];
  const keyDetails = key !== null && typeof key !== "string" ? [key] : [];

  const details = [...query.details, ...body.details, ...keyDetails, ...lastDetails];
  if (details.length > 0) {
    if (endpoint.checkReferences) details.push(...(await endpoint.checkReferences(body.value, asker)));
    throw new DomainError("validation_failed", { details: details.slice(0, DETAILS_MAX) });
  }
  return {
    query: query.value,
    queryString,
    body: body.value,
    lastEventId: typeof lastEventId === "string" ? lastEventId : null,
    idempotency:
      typeof key === "string"
        ? {
            key,
            route: `${request.method} ${withoutTrailingSlash(request.path)}`,
            bodyHash: hashBody(endpoint.body && request.body),
          }
        : null,
  };
}

interface Checked {
  value: Record<string, unknown>;
  details: ErrorDetail[];
}

const NOTHING: Checked = { value: {}, details: [] };

/** `/v1/servers/` is the same call as `/v1/servers`. */
function withoutTrailingSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

function queryStringOf(url: string): string {
  const mark = url.indexOf("?");
  return mark < 0 ? "" : url.slice(mark + 1);
}

const NO_PARAMETERS = z.strictObject({});

/** Of each call so many query strings are remembered that were right, if they are no longer than that: clients ask the same again and again. */
const REMEMBERED_QUERIES = 1_000;
const REMEMBERED_LENGTH = 256;
const rightQueries = new WeakMap<Endpoint, Map<string, Checked>>();

function validQuery(endpoint: Endpoint, queryString: string): Checked {
  if (endpoint.query === undefined && queryString === "") return NOTHING;
  let known = rightQueries.get(endpoint);
  if (known === undefined || known.size >= REMEMBERED_QUERIES) {
    known = new Map<string, Checked>();
    rightQueries.set(endpoint, known);
  }
  const checked = known.get(queryString) ?? checkQuery(endpoint, queryString);
  if (checked.details.length === 0 && queryString.length <= REMEMBERED_LENGTH) known.set(queryString, checked);
  return checked;
}

function checkQuery(endpoint: Endpoint, queryString: string): Checked {
  const values: Record<string, string> = {};
  const repeated: ErrorDetail[] = [];
  for (const [name, value] of new URLSearchParams(queryString)) {
    if (Object.hasOwn(values, name)) repeated.push({ field: name, issue: "must be given once" });
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true });
  }
  const parsed = (endpoint.query ?? NO_PARAMETERS).safeParse(values);
  return parsed.success
    ? { value: Object.freeze(parsed.data), details: repeated }
    : {
        value: {},
        details: [...repeated, ...toDetails(parsed.error.issues, endpoint.query ?? NO_PARAMETERS, "query")],
      };
}

/** The value of a wrong body is what is right in it, field by field. */
function validBody(endpoint: Endpoint, sent: unknown): Checked {
  if (endpoint.body === undefined) return NOTHING;
  const body = sent === undefined ? {} : sent;
  const parsed = endpoint.body.safeParse(body);
  // Where no field has to be given, a body still has: one that got lost on its way must not pass for a change of nothing.
  if (parsed.success && sent === undefined) return { value: {}, details: [{ field: "body", issue: "is required" }] };
  if (parsed.success) return { value: parsed.data, details: [] };
  const { issues } = parsed.error;
  const isObject = !issues.some((issue) => issue.path.length === 0 && issue.code !== "unrecognized_keys");
  const wrong = new Set(issues.map((issue) => issue.path[0]));
  const right = Object.keys(endpoint.body.shape).filter(
    (field) => isObject && Object.hasOwn(body as object, field) && !wrong.has(field),
  );
  return {
    value: Object.fromEntries(right.map((field) => [field, (body as Record<string, unknown>)[field]])),
    details: toDetails(issues, endpoint.body, "body"),
  };
}
