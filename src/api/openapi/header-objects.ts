import { LIMITS } from "../../domain/limits.ts";

const RETRY_AFTER = {
  description: "How many seconds to wait before another try has a chance.",
  schema: { type: "integer", minimum: 1 },
} as const;

const RATE_LIMIT = {
  "RateLimit-Policy": {
    description:
      "The windows that the request was counted in, each with its points (`q`) and seconds (`w`). Structured fields of the IETF's draft for RateLimit headers.",
    schema: { type: "string", pattern: '^"[a-z]+";q=\\d+;w=\\d+(, "[a-z]+";q=\\d+;w=\\d+)*$' },
  },
  RateLimit: {
    description: "Of each window the points that are left (`r`) and the seconds until there are new ones (`t`).",
    schema: { type: "string", pattern: '^"[a-z]+";r=\\d+;t=\\d+(, "[a-z]+";r=\\d+;t=\\d+)*$' },
  },
  "X-RateLimit-Limit": {
    description: "The points of the window with the fewest left.",
    schema: { type: "integer", minimum: 1 },
  },
  "X-RateLimit-Remaining": {
    description: "How many of them are left.",
    schema: { type: "integer", minimum: 0 },
  },
  "X-RateLimit-Reset": {
    description: "When there are new ones, in seconds since 1970 (UTC).",
    schema: { type: "integer", minimum: 1 },
  },
} as const;

type RateLimitHeader = keyof typeof RATE_LIMIT;

/** Required in every answer for which something was counted. */
const RATE_LIMIT_ALWAYS = Object.fromEntries(
  Object.entries(RATE_LIMIT).map(([name, header]) => [`${name}-Always`, { ...header, required: true }]),
) as Record<`${RateLimitHeader}-Always`, object>;

/** The headers of answers and requests, as components of the description. What every HTTP server sends, and the security headers of all answers, are not among them. */
export const HEADERS = {
  "X-Request-Id": {
    description: "The same as `meta.request_id`. Quote it when you report a failure.",
    required: true,
    schema: { type: "string", pattern: "^req_[a-z2-7]{24}$" },
  },
  Location: {
    description: "Where the outcome is found.",
    required: true,
    schema: { type: "string", format: "uri-reference" },
  },
  "Idempotent-Replayed": {
    description: "An earlier request with this Idempotency-Key had the effect; this is its outcome as it is now.",
    schema: { type: "string", const: "true" },
  },
  Link: {
    description:
      "The neighbours of this page, by relation: first, prev, next, last (RFC 8288). Relative to the request.",
    required: true,
    schema: { type: "string" },
  },
  "X-Accel-Buffering": {
    description: "Tells proxies to pass on what comes at once.",
    required: true,
    schema: { type: "string", const: "no" },
  },
  "Retry-After": RETRY_AFTER,
  "Retry-After-Always": { ...RETRY_AFTER, required: true },
  ...RATE_LIMIT,
  ...RATE_LIMIT_ALWAYS,
  "WWW-Authenticate": {
    description: "How to authenticate.",
    required: true,
    schema: { type: "string", const: "Bearer" },
  },
} as const;

export const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: `Makes it safe to send the request again: within ${LIMITS.idempotencyKeyTtlDays} days, the same key with the same request has one effect. Visible ASCII without spaces, such as a UUID.`,
  schema: {
    type: "string",
    minLength: 1,
    maxLength: LIMITS.idempotencyKeyMaxLength,
    pattern: "^[\\x21-\\x7e]+$",
  },
} as const;

export const LAST_EVENT_ID = {
  name: "Last-Event-ID",
  in: "header",
  required: false,
  description:
    "The `id` of the last event that you received: the stream goes on after it. Programs that reconnect by themselves send it; it wins over `last_event_id`.",
  schema: { type: "string", pattern: "^(evt_[a-z2-7]{24})?$" },
} as const;

/** Those about the rate limit, for an answer. */
export function rateLimitHeaders({ isAlways }: { isAlways: boolean }): (keyof typeof HEADERS)[] {
  const names = Object.keys(RATE_LIMIT) as RateLimitHeader[];
  return isAlways ? names.map((name) => `${name}-Always` as const) : names;
}

/** References to these headers, for an answer. */
export function headers(...names: (keyof typeof HEADERS)[]): Record<string, { $ref: string }> {
  return Object.fromEntries(
    ["X-Request-Id" as const, ...names].map((name) => [
      name.replace("-Always", ""),
      { $ref: `#/components/headers/${name}` },
    ]),
  );
}
