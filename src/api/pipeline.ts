import type { Express, Request, RequestHandler, Response } from "express";
import { DomainError } from "../domain/domain-error.ts";
import { isId } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import type { RateLimiter } from "../services/rate-limiter.ts";
import type { Services } from "../services/services.ts";
import type { AnswerStatus, Reply } from "./answer.ts";
import { closing } from "./closing.ts";
import { costOf, type Endpoint } from "./endpoint.ts";
import { sendFailure, sendReply } from "./envelope.ts";
import { sendStream } from "./event-stream.ts";
import { admission, needsPlace } from "./middleware/admission.ts";
import { authenticate, requireScope } from "./middleware/authenticate.ts";
import { jsonBody } from "./middleware/json-body.ts";
import { methodNotAllowed } from "./middleware/method-not-allowed.ts";
import { limitByAddress, limitByKey } from "./middleware/rate-limit.ts";
import { requestState } from "./request-state.ts";
import { validate } from "./validate.ts";

export interface PipelineOptions {
  services: Services;
  rateLimiter: RateLimiter;
  /** Where the API and its reference page are reached from outside. */
  publicUrl: string;
  acceptWaitMs: number;
}

/** Of the 20 connections to the database some are left to reads, however many creates are asked for. */
const ACCEPTED_AT_ONCE = 14;

/** Gives the endpoints their routes: per path every method it has, and a 405 for the others. */
export function mount(app: Express, endpoints: readonly Endpoint[], options: PipelineOptions): void {
  const common = {
    authenticated: authenticate(options.services, options.rateLimiter),
    admitted: admission({ atOnce: ACCEPTED_AT_ONCE, maxWaitMs: options.acceptWaitMs }),
  };
  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    const siblings = endpoints.filter((endpoint) => endpoint.path === path);
    const route = app.route(path);
    for (const endpoint of siblings) route[endpoint.method](...pipeline(endpoint, common, options));
    route.all(
      limitByAddress(options.rateLimiter),
      methodNotAllowed(
        path,
        siblings.map((endpoint) => endpoint.method),
      ),
    );
  }
}

/** Made once: they know of all calls. */
interface CommonHandlers {
  authenticated: RequestHandler;
  admitted: RequestHandler;
}

/** What every call goes through, in this order. */
function pipeline(endpoint: Endpoint, common: CommonHandlers, options: PipelineOptions): RequestHandler[] {
  const cost = costOf(endpoint);
  if (endpoint.scopes === null) {
    const limited = cost === 0 ? [] : [limitByAddress(options.rateLimiter)];
    return [nameRoute(endpoint), ...limited, answerAnybody(endpoint, options)];
  }
  return [
    nameRoute(endpoint),
    common.authenticated,
    limitByKey(options.rateLimiter, cost, endpoint.method === "delete"),
    ...(endpoint.scopes === "any" ? [] : [requireScope(endpoint.scopes)]),
    ...(endpoint.body ? jsonBody : []),
    ...(needsPlace(endpoint.method) ? [common.admitted] : []),
    answer(endpoint, options),
  ];
}

function nameRoute({ path }: Endpoint): RequestHandler {
  return (_request, response, next) => {
    requestState(response).route = path;
    next();
  };
}

function answer(endpoint: Endpoint, options: PipelineOptions): RequestHandler<{ id?: string }> {
  return async (request, response) => {
    const { requestId, principal } = requestState(response);
    if (principal === null) throw new DomainError("unauthorized");
    const id = request.params.id ?? "";
    if (endpoint.id !== undefined && !isId(endpoint.id, id)) throw new DomainError("not_found");
    const { services } = options;
    const { idempotency, ...input } = await validate(endpoint, request as Request, { services, principal });
    const context = { principal, requestId, idempotency };
    const waitSignal = () => signalToStopWaiting(response);
    const reply = await endpoint.handle({ services, id, ...input, context, waitSignal });
    if (endpoint.answers[reply.status]?.isStream) await sendStream(response, reply, waitSignal());
    else send(response, endpoint, reply, options);
  };
}

const NOBODY: Principal = { accountId: "", apiKeyId: "", tokenId: "", scopes: [] };

/** Load balancers and browsers add parameters of their own: nothing of such a request is looked at. */
function answerAnybody(endpoint: Endpoint, options: PipelineOptions): RequestHandler {
  return async (_request, response) => {
    const context = { principal: NOBODY, requestId: requestState(response).requestId, idempotency: null };
    const waitSignal = () => signalToStopWaiting(response);
    const nothing = { id: "", query: {}, queryString: "", body: {}, lastEventId: null };
    const reply = await endpoint.handle({ services: options.services, ...nothing, context, waitSignal });
    send(response, endpoint, reply, options);
  };
}

function send(response: Response, endpoint: Endpoint, reply: Reply, { publicUrl }: PipelineOptions): void {
  if (reply.error) sendFailure(response, reply.error, publicUrl, reply.data);
  else sendReply(response, reply, endpoint.answers[reply.status as AnswerStatus]?.contentType);
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
