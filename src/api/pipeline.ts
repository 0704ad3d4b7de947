import type { Express, Request, RequestHandler, Response } from "express";
import { DomainError } from "../domain/domain-error.ts";
import { isId } from "../domain/ids.ts";
import type { Services } from "../services/services.ts";
import { closing } from "./closing.ts";
import type { Endpoint } from "./endpoint.ts";
import { sendSuccess } from "./envelope.ts";
import { authenticate, requireScope } from "./middleware/authenticate.ts";
import { jsonBody } from "./middleware/json-body.ts";
import { methodNotAllowed } from "./middleware/method-not-allowed.ts";
import { requestState } from "./request-state.ts";
import { validate } from "./validate.ts";

/** Gives the endpoints their routes: per path every method it has, and a 405 for the others. */
export function mount(app: Express, endpoints: Endpoint[], services: Services): void {
  const authenticated = authenticate(services);
  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    const siblings = endpoints.filter((endpoint) => endpoint.path === path);
    const route = app.route(path);
    for (const endpoint of siblings) route[endpoint.method](...pipeline(endpoint, authenticated));
    route.all(
      methodNotAllowed(
        path,
        siblings.map((endpoint) => endpoint.method),
      ),
    );
  }
}

/** What every call goes through, in this order. */
function pipeline(endpoint: Endpoint, authenticated: RequestHandler): RequestHandler[] {
  return [
    nameRoute(endpoint),
    authenticated,
    requireScope(endpoint.scope),
    ...(endpoint.body ? jsonBody : []),
    answer(endpoint),
  ];
}

function nameRoute({ path }: Endpoint): RequestHandler {
  return (_request, response, next) => {
    requestState(response).route = path;
    next();
  };
}

function answer(endpoint: Endpoint): RequestHandler<{ id?: string }> {
  return async (request, response) => {
    const { requestId, principal } = requestState(response);
    if (principal === null) throw new DomainError("unauthorized");
    const id = request.params.id ?? "";
    if (endpoint.id !== undefined && !isId(endpoint.id, id)) throw new DomainError("not_found");
    const { query, queryString, body, idempotency } = await validate(endpoint, request as Request, principal);
    const context = { principal, requestId, idempotency };
    const waitSignal = () => signalToStopWaiting(response);
    sendSuccess(response, await endpoint.handle({ id, query, queryString, body, context, waitSignal }));
  };
}

function signalToStopWaiting(response: Response): AbortSignal {
  const stop = new AbortController();
  const abort = () => stop.abort();
  const { signal: apiCloses } = closing(response.app as Express);
  if (apiCloses.aborted) abort();
  apiCloses.addEventListener("abort", abort, { once: true });
  response.once("close", () => {
    apiCloses.removeEventListener("abort", abort);
    abort();
  });
  return stop.signal;
}
