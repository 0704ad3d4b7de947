import { randomBytes } from "node:crypto";
import { type RequestHandler, Router } from "express";
import { DomainError } from "../../domain/domain-error.ts";
import { isErrorCode } from "../../domain/error-codes.ts";
import { methodNotAllowed } from "../middleware/method-not-allowed.ts";
import { requestState } from "../request-state.ts";
import { BUNDLE_PATH, serveBundle } from "./bundle.ts";
import { pageHtml, pagePolicy } from "./page-html.ts";

/** The reference for people, made of the same description as programs get; no API key needed, and nothing of it comes from elsewhere. */
export function referencePage(): Router {
  const router = Router({ caseSensitive: true });
  serve(
    router,
    "/",
    redirect(() => "/docs"),
  );
  serve(router, "/docs", page);
  serve(router, BUNDLE_PATH, serveBundle());
  serve(
    router,
    "/docs/errors/:code",
    redirect(({ code = "" }) => {
      if (!isErrorCode(code)) throw new DomainError("not_found", { publicText: "There is no such error code." });
      return `/docs#description/${code}`;
    }),
  );
  return router;
}

function serve(router: Router, path: string, handler: RequestHandler): void {
  const name: RequestHandler = (_request, response, next) => {
    requestState(response).route = path;
    next();
  };
  router
    .route(path)
    .get(name, handler)
    .all(methodNotAllowed(path, ["get"]));
}

const page: RequestHandler = (_request, response) => {
  const nonce = randomBytes(16).toString("base64");
  const html = pageHtml(nonce);
  response.setHeader("Content-Security-Policy", pagePolicy(nonce));
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.setHeader("Content-Length", Buffer.byteLength(html));
  response.end(html);
};

function redirect(target: (parameters: Record<string, string | undefined>) => string): RequestHandler {
  return (request, response) => {
    response.statusCode = 302;
    response.setHeader("Location", target(request.params as Record<string, string | undefined>));
    response.end();
  };
}
