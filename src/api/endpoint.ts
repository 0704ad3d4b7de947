import type { z } from "zod";
import type { ErrorDetail } from "../domain/domain-error.ts";
import type { ErrorCode } from "../domain/error-codes.ts";
import type { ID_PREFIXES } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import type { RequestContext, Services } from "../services/services.ts";
import type { Answers, ReplyOf } from "./answer.ts";
import type { Scope } from "./scopes.ts";
import type { Tag } from "./tags.ts";

/**
 * One call of the API as data. The pipeline (pipeline.ts) authenticates, checks and parses by it, so that a handler is left with the call itself; openapi/openapi.json,
 * and with it the reference page, is made from the same definition.
 */
export interface Endpoint<
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
  Answered extends Answers = Answers,
> {
  method: "get" | "post" | "patch" | "delete";
  path: `/${string}`;
  /** One of them is enough; `any`: every key may. Null: anybody may ask, without a key, and nothing of the request is read. */
  scopes: readonly [Scope, ...Scope[]] | "any" | null;
  /** What `:id` in the path names. An id of another form is a 404 without a look-up. */
  id?: keyof typeof ID_PREFIXES;
  /** The query parameters it takes. Without it, any parameter is refused. */
  query?: Query;
  body?: Body;
  /** Whether it takes the header Last-Event-ID. */
  isResumable?: true;
  /** How many points of the rate limit it takes; by its method, where it does not say. Of a call without a key: 0, and it is never limited. */
  cost?: number;
  /** What it answers when it succeeds, by status. */
  answers: Answered;
  /** The refusals of its own, with when they happen. Those that follow from the rest of the definition are added (openapi/refusals.ts). */
  errors?: Partial<Record<ErrorCode, string>>;
  docs: EndpointDocs<Body>;
  /** Checks what a schema can't: names of other things. Asked only about those fields whose shape is right, to report all wrong fields at once. */
  checkReferences?(
    fields: Partial<z.output<Body>>,
    asker: { services: Services; principal: Principal },
  ): Promise<ErrorDetail[]>;
  handle(input: EndpointInput<Query, Body>): Promise<ReplyOf<Answered>>;
}

/** Creates that make infrastructure say more. */
const COST_BY_METHOD: Record<Endpoint["method"], number> = { get: 1, post: 5, patch: 5, delete: 1 };

/** Points of the rate limit. */
export function costOf({ cost, method }: Pick<Endpoint, "cost" | "method">): number {
  return cost ?? COST_BY_METHOD[method];
}

/** What people read of it. */
interface EndpointDocs<Body extends z.ZodObject> {
  /** Names the call for programs: SDK methods and CLI commands. It never changes. */
  operationId: string;
  tag: Tag;
  /** A few words, as in a table of contents. */
  summary: string;
  /** What it does. Markdown. */
  description: string;
  /** What it costs whoever calls it. */
  costs: string;
  /** What the code samples send. */
  sample?: { body?: z.input<Body>; query?: Record<string, string | number> };
}

interface EndpointInput<Query extends z.ZodObject, Body extends z.ZodObject> {
  services: Services;
  /** Empty where the path has none. */
  id: string;
  query: z.output<Query>;
  /** The query string as sent, without the question mark. */
  queryString: string;
  body: z.output<Body>;
  /** Null without one. */
  lastEventId: string | null;
  context: RequestContext;
  /** For calls that hold their answer back: aborted when nobody waits for it any more or the API is about to stop. */
  waitSignal: () => AbortSignal;
}

/** Keeps the types of query, body and answers together while an endpoint becomes one of a list. */
export function endpoint<
  const Answered extends Answers,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
>(definition: Endpoint<Query, Body, Answered>): Endpoint {
  // The list asks less of an answer than the definition does, which the compiler can't see through a mapped type.
  return definition as unknown as Endpoint;
}
