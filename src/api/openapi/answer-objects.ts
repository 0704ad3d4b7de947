import { z } from "zod";
import { type ErrorCode, publicMessage } from "../../domain/error-codes.ts";
import type { Answer } from "../answer.ts";
import { costOf, type Endpoint } from "../endpoint.ts";
import { errorDocsUrl } from "../envelope.ts";
import { errorCode, paginationSchema, timestamp } from "../schemas/shown.ts";
import { HEADERS, headers, rateLimitHeaders } from "./header-objects.ts";
import type { JsonSchema, JsonSchemas } from "./json-schema.ts";
import { PUBLISHED_ADDRESS } from "./published-address.ts";
import { type Refusal, refusalsOf } from "./refusals.ts";

const metaShape = {
  request_id: z
    .string()
    .meta({ description: "Quote it when you report a failure.", published: HEADERS["X-Request-Id"].schema }),
  timestamp: timestamp.meta({ description: "When it was answered." }),
};
const metaSchema = z.object(metaShape).meta({ id: "Meta" });
const pageMetaSchema = z.object({ ...metaShape, pagination: paginationSchema }).meta({ id: "PageMeta" });
const errorSchema = z
  .object({
    status: z.literal("error"),
    error: z.object({
      code: errorCode,
      message: z.string().meta({ description: "For people; it may change." }),
      details: z
        .array(z.object({ field: z.string(), issue: z.string() }))
        .meta({ description: "Every wrong field of the request; mostly empty for other codes." }),
      docs_url: z.string().meta({ description: "Where the code is explained." }),
    }),
    meta: metaSchema,
  })
  .meta({ id: "Error" });

const META_EXAMPLE = { request_id: "req_m2b3kv4l4cc2g3rxrsa2v72t", timestamp: "2025-05-22T10:42:00Z" };

/** The `responses` of the description's operations. Refusals that are the same everywhere become components. */
export class AnswerObjects {
  readonly components: Record<string, object> = {};
  private readonly schemas: JsonSchemas;

  constructor(schemas: JsonSchemas) {
    this.schemas = schemas;
  }

  of(endpoint: Endpoint): Record<string, object> {
    const refusals = new Map<number, Refusal[]>();
    for (const refusal of refusalsOf(endpoint)) {
      refusals.set(refusal.status, [...(refusals.get(refusal.status) ?? []), refusal]);
    }
    return Object.fromEntries([
      ...Object.entries(endpoint.answers).map(([status, answer]) => [
        status,
        this.answer(endpoint, Number(status), answer),
      ]),
      ...[...refusals].map(([status, of]) => [String(status), this.refusal(endpoint, of)]),
    ]) as Record<string, object>;
  }

  private answer(endpoint: Endpoint, status: number, answer: Answer): object {
    const { method } = endpoint;
    const { description, hasLocation, isPage, isStream, contentType } = answer;
    const isRefusal = status >= 400;
    return {
      description,
      headers: headers(
        ...(hasLocation ? (["Location"] as const) : []),
        ...(method !== "get" ? (["Idempotent-Replayed"] as const) : []),
        ...(isPage ? (["Link"] as const) : []),
        ...(isStream ? (["X-Accel-Buffering"] as const) : []),
        ...(isRefusal ? (["Retry-After-Always"] as const) : []),
        ...(isLimited(endpoint) ? rateLimitHeaders({ isAlways: true }) : []),
      ),
      content: {
        [contentType?.split(";")[0] ?? "application/json"]:
          contentType === undefined
            ? isRefusal
              ? this.failureWithData(answer)
              : this.success(answer)
            : {
                schema: this.schemas.of(answer.data),
                // OpenAPI has no word for it before 3.2.
                ...(answer.eventData && { "x-event-data": this.schemas.of(answer.eventData) }),
                example: answer.example,
              },
      },
    };
  }

  private success({ data, isPage, example }: Answer): object {
    const pagination = { page: 1, per_page: 20, total: 1, total_pages: 1, next_cursor: null };
    return {
      schema: object({
        status: { type: "string", const: "success" },
        data: this.schemas.of(data),
        meta: this.schemas.of(isPage ? pageMetaSchema : metaSchema),
      }),
      example: { status: "success", data: example, meta: isPage ? { ...META_EXAMPLE, pagination } : META_EXAMPLE },
    };
  }

  private failureWithData({ data, example }: Answer): object {
    const code = "service_unavailable";
    const failure = errorSchema.extend({ data });
    return {
      schema: narrowed(this.schemas.of(failure), [code]),
      example: { ...failureExample(code), data: example },
    };
  }

  private refusal(endpoint: Endpoint, refusals: Refusal[]): object {
    const isPublic = endpoint.scopes === null;
    if (isPublic || !refusals.every(({ isCommon }) => isCommon)) return this.refusalObject(endpoint, refusals);
    const name = refusals.map(({ code }) => pascalCase(code)).join("Or");
    this.components[name] ??= this.refusalObject(endpoint, refusals);
    return { $ref: `#/components/responses/${name}` };
  }

  private refusalObject(endpoint: Endpoint, refusals: Refusal[]): object {
    const codes = refusals.map(({ code }) => code);
    return {
      description: refusals.map(({ code, when }) => `\`${code}\`: ${when}`).join("\n\n"),
      headers: headers(
        ...(codes.includes("unauthorized") ? (["WWW-Authenticate"] as const) : []),
        ...retryAfter(codes),
        ...(isLimited(endpoint) ? rateLimitHeaders({ isAlways: !codes.some(mayComeUncounted) }) : []),
      ),
      content: {
        "application/json": {
          schema: narrowed(this.schemas.of(errorSchema), codes),
          examples: Object.fromEntries(codes.map((code) => [code, { value: failureExample(code) }])),
        },
      },
    };
  }
}

const RETRYABLE_SOON: readonly ErrorCode[] = [
  "request_in_progress",
  "no_capacity",
  "overloaded",
  "service_unavailable",
  "rate_limit_exceeded",
  "too_many_streams",
];

/** Whether points are counted for it, of a key or of an address. */
function isLimited(endpoint: Endpoint): boolean {
  return costOf(endpoint) > 0;
}

/** While the key is looked up for another request nothing has been counted yet, and it may end in an outage or a fault. */
function mayComeUncounted(code: ErrorCode): boolean {
  return code === "internal_error" || code === "service_unavailable";
}

function retryAfter(codes: readonly ErrorCode[]): (keyof typeof HEADERS)[] {
  if (codes.every((code) => RETRYABLE_SOON.includes(code))) return ["Retry-After-Always"];
  return codes.some((code) => RETRYABLE_SOON.includes(code)) ? ["Retry-After"] : [];
}

/** An error envelope in which only these codes stand. */
function narrowed(schema: JsonSchema, codes: readonly ErrorCode[]): JsonSchema {
  const code = codes.length === 1 ? { const: codes[0] } : { enum: codes };
  return { allOf: [schema, { properties: { error: { properties: { code } } } }] };
}

function failureExample(code: ErrorCode): object {
  const details =
    code === "validation_failed" ? [{ field: "region", issue: "unknown region; one of: us-east-1, eu-west-2" }] : [];
  return {
    status: "error",
    error: { code, message: publicMessage(code), details, docs_url: errorDocsUrl(PUBLISHED_ADDRESS, code) },
    meta: META_EXAMPLE,
  };
}

function object(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

function pascalCase(code: string): string {
  return code.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
