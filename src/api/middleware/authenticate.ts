import type { RequestHandler } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import type { RateLimiter } from "../../services/rate-limiter.ts";
import type { Services } from "../../services/services.ts";
import { clientNetwork } from "../client-network.ts";
import { requestState } from "../request-state.ts";
import { hasOneOf, type Scope } from "../scopes.ts";
import { admit } from "./rate-limit.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i;

/**
 * Finds out who asks, by `Authorization: Bearer <API key>`. Requests without a valid key are counted by address, before the database is asked about theirs: whoever sends made-up
 * keys is soon refused without a look. A key that was good when it was last looked at is not held up by what others do at its address.
 */
export function authenticate(services: Services, limiter: RateLimiter): RequestHandler {
  return async (request, response, next) => {
    const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
    let isCounted = false;
    const countFailure = async () => {
      if (isCounted) return;
      isCounted = true;
      admit(response, await limiter.countFailure(clientNetwork(request.ip)));
    };
    const forgive = async () => {
      if (isCounted) await limiter.forgiveFailure(clientNetwork(request.ip));
    };
    if (token === undefined) {
      await countFailure();
      throw new DomainError("unauthorized", {
        publicText: "The API key is missing or not valid. Send it as: Authorization: Bearer cn_live_sk_…",
      });
    }
    try {
      requestState(response).principal = await services.authenticate(token, countFailure);
    } catch (error) {
      // Refused with another request's look, or an outage, which is nobody's fault.
      if (error instanceof DomainError && error.code !== "service_unavailable") await countFailure();
      else await forgive();
      throw error;
    }
    await forgive();
    next();
  };
}

/** Lets keys pass that have one of the scopes. */
export function requireScope(scopes: readonly Scope[]): RequestHandler {
  const named =
    scopes.length === 1 ? `the scope ${scopes.join()}` : `all of the scopes ${scopes.join(", ")}; one is enough`;
  return (_request, response, next) => {
    const { principal } = requestState(response);
    if (principal === null || !hasOneOf(principal, scopes)) {
      throw new DomainError("forbidden", { publicText: `The API key lacks ${named}.` });
    }
    next();
  };
}
