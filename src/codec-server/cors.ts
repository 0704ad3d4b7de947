import type { RequestHandler } from "express";

/** What the Temporal UI sends. */
const ALLOWED_HEADERS = "Content-Type, Authorization, Authorization-Extras, X-Namespace";
const PREFLIGHT_MAX_AGE_S = "600";

/**
 * Pages of the given origins may ask and read; a request of any other page is refused before its key is looked at, since a browser may send the key
 * of its own accord. Requests without an origin come from no page (the CLI).
 */
export function cors(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    response.vary("Origin");
    if (origin !== undefined) {
      if (!origins.includes(origin)) {
        response.status(403).json({ message: "this origin is not in CLOUDNEXUS_CODEC_SERVER_ORIGIN" });
        return;
      }
      response.set({ "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" });
    }
    if (request.method !== "OPTIONS") {
      next();
      return;
    }
    // A preflight carries no key.
    response.set({
      "Access-Control-Allow-Methods": "POST",
      "Access-Control-Allow-Headers": ALLOWED_HEADERS,
      "Access-Control-Max-Age": PREFLIGHT_MAX_AGE_S,
    });
    response.status(204).end();
  };
}
