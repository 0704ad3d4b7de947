import type { RequestHandler } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import type { Services } from "../../services/services.ts";
import { requestState } from "../request-state.ts";
import { hasOneOf, type Scope } from "../scopes.ts";

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i;

/** Finds out who asks, by `Authorization: Bearer <API key>`. */
export function authenticate(services: Services): RequestHandler {
  return async (request, response, next) => {
    const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) {
      throw new DomainError("unauthorized", {
        publicText: "The API key is missing or not valid. Send it as: Authorization: Bearer cn_live_sk_…",
      });
    }
    requestState(response).principal = await services.authenticate(token);
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
