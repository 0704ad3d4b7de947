import express, { type Express } from "express";
import type { RateLimiter } from "../services/rate-limiter.ts";
import type { Services } from "../services/services.ts";
import type { HttpMetrics } from "../telemetry/http-metrics.ts";
import type { Logger } from "../telemetry/logger.ts";
import { allEndpoints } from "./endpoints.ts";
import { errors } from "./middleware/errors.ts";
import { unknownPath } from "./middleware/method-not-allowed.ts";
import { limitByAddress } from "./middleware/rate-limit.ts";
import { requestId } from "./middleware/request-id.ts";
import { requestLog } from "./middleware/request-log.ts";
import { requestMetrics } from "./middleware/request-metrics.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { oneLayer } from "./one-layer.ts";
import { servedContract } from "./openapi/served-contract.ts";
import { mount } from "./pipeline.ts";
import { referencePage } from "./reference-page/reference-page.ts";

export interface AppOptions {
  services: Services;
  rateLimiter: RateLimiter;
  logger: Logger;
  metrics: HttpMetrics;
  /** Where the API and its reference page are reached from outside: `https://api.example.com`. */
  publicUrl: string;
  /** How many proxies in front of the API may name the client's address; none by default. */
  trustProxyHops?: number;
  /** A create or change that would have to wait longer for its turn is refused. */
  acceptWaitMs: number;
}

/** The whole HTTP API, ready to be listened with (listener.ts). */
export function createApp({
  services,
  rateLimiter,
  logger,
  metrics,
  publicUrl,
  trustProxyHops = 0,
  acceptWaitMs,
}: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  // Each endpoint parses its own query string, by its schema (validate.ts).
  app.set("query parser", false);
  app.set("trust proxy", trustProxyHops === 0 ? false : trustProxyHops);

  app.use(oneLayer(requestId, requestLog(logger), requestMetrics(metrics), securityHeaders));
  mount(app, allEndpoints(servedContract(publicUrl)), { services, rateLimiter, publicUrl, acceptWaitMs });
  app.use(limitByAddress(rateLimiter), referencePage());
  app.use(unknownPath, errors({ logger, publicUrl }));
  return app;
}
