import { type RequestHandler, Router } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import type { Services } from "../../services/services.ts";
import { failure, sendJson, sendSuccess, setFailureHeaders } from "../envelope.ts";
import { methodNotAllowed } from "../middleware/method-not-allowed.ts";
import { requestState } from "../request-state.ts";

/** For load balancers and orchestrators; no API key needed. */
export function healthRoutes(services: Services, docsBaseUrl: string): Router {
  const alive: RequestHandler = (_request, response) => {
    requestState(response).route = "/healthz";
    sendSuccess(response, { status: 200, data: { alive: true } });
  };

  const ready: RequestHandler = async (_request, response) => {
    requestState(response).route = "/readyz";
    const checks = await services.readiness();
    const failing = Object.entries(checks).filter(([, check]) => !check.ready);
    const data = { ready: failing.length === 0, checks };
    if (data.ready) {
      sendSuccess(response, { status: 200, data });
      return;
    }
    const details = failing.map(([field, check]) => ({ field, issue: check.message ?? "is not ready" }));
    const error = new DomainError("service_unavailable", { details });
    requestState(response).errorCode = error.code;
    setFailureHeaders(response, error.code);
    sendJson(response, 503, { ...failure(response, error, docsBaseUrl), data });
  };

  const router = Router({ caseSensitive: true });
  router
    .route("/healthz")
    .get(alive)
    .all(methodNotAllowed("/healthz", ["get"]));
  router
    .route("/readyz")
    .get(ready)
    .all(methodNotAllowed("/readyz", ["get"]));
  return router;
}
