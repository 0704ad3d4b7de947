import type { z } from "zod";
import type { ErrorDetail } from "../domain/domain-error.ts";
import type { ID_PREFIXES } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import type { RequestContext } from "../services/services.ts";
import type { Reply } from "./reply.ts";
import type { Scope } from "./scopes.ts";

/** One call of the API as data: the pipeline (pipeline.ts) authenticates, checks and parses by it, so that a handler is left with the call itself. */
export interface Endpoint<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodObject = z.ZodObject> {
  method: "get" | "post" | "patch" | "delete";
  path: `/v1/${string}`;
  /** The scope a key needs for it. */
  scope: Scope;
  /** What `:id` in the path names. An id of another form is a 404 without a look-up. */
  id?: keyof typeof ID_PREFIXES;
  /** The query parameters it takes. Without it, any parameter is refused. */
  query?: Query;
  body?: Body;
  /** Checks what a schema can't: names of other things. Asked only about those fields whose shape is right, to report all wrong fields at once. */
  checkReferences?(fields: Partial<z.output<Body>>, principal: Principal): Promise<ErrorDetail[]>;
  handle(input: EndpointInput<Query, Body>): Promise<Reply>;
}

interface EndpointInput<Query extends z.ZodObject, Body extends z.ZodObject> {
  /** Empty where the path has none. */
  id: string;
  query: z.output<Query>;
  /** The query string as sent, without the question mark. */
  queryString: string;
  body: z.output<Body>;
  context: RequestContext;
  /** For calls that hold their answer back: aborted when nobody waits for it any more or the API is about to stop. */
  waitSignal: () => AbortSignal;
}

/** Keeps the types of query and body together while an endpoint becomes one of a list. */
export function endpoint<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodObject = z.ZodObject>(
  definition: Endpoint<Query, Body>,
): Endpoint {
  return definition;
}
