import type { RequestHandler, Response } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import type { Spending, WindowState } from "../../domain/rate-limits.ts";
import type { RateLimiter } from "../../services/rate-limiter.ts";
import { clientNetwork } from "../client-network.ts";
import { requestState } from "../request-state.ts";

/** Takes the call's points from the API key that makes it. */
export function limitByKey(limiter: RateLimiter, cost: number, isDelete: boolean): RequestHandler {
  return async (_request, response, next) => {
    const { principal } = requestState(response);
    if (principal === null) throw new DomainError("unauthorized");
    admit(response, await limiter.spend(principal.apiKeyId, cost, isDelete));
    next();
  };
}

/** For what needs no API key: documents, and what there is not. */
export function limitByAddress(limiter: RateLimiter): RequestHandler {
  return async (request, response, next) => {
    admit(response, await limiter.countDocument(clientNetwork(request.ip)));
    next();
  };
}

/** Says in the answer's headers, whatever it is going to be, how many points are left; throws if they were not enough. */
export function admit(response: Response, { allowed, windows }: Spending): void {
  // By the structured fields of draft-ietf-httpapi-ratelimit-headers (08 and later), and as everybody did it before.
  let policy = "";
  let left = "";
  let [tightest] = windows;
  for (const window of windows) {
    const separator = policy === "" ? "" : ", ";
    policy += `${separator}"${window.name}";q=${window.points};w=${window.seconds}`;
    left += `${separator}"${window.name}";r=${window.remaining};t=${secondsToReset(window)}`;
    if (window.remaining < tightest.remaining) tightest = window;
  }
  response.setHeader("RateLimit-Policy", policy);
  response.setHeader("RateLimit", left);
  response.setHeader("X-RateLimit-Limit", tightest.points);
  response.setHeader("X-RateLimit-Remaining", tightest.remaining);
  response.setHeader("X-RateLimit-Reset", Math.ceil((Date.now() + tightest.msToReset) / 1_000));
  if (allowed) return;
  response.setHeader("Retry-After", secondsToReset(windows[0]));
  throw new DomainError("rate_limit_exceeded");
}

function secondsToReset({ msToReset }: WindowState): number {
  return Math.max(1, Math.ceil(msToReset / 1_000));
}
