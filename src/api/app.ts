import express, { type Express } from "express";
import type { Services } from "../services/services.ts";
import type { Logger } from "../telemetry/logger.ts";
import { DOCS_BASE_URL } from "./envelope.ts";
import { errors } from "./middleware/errors.ts";
import { unknownPath } from "./middleware/method-not-allowed.ts";
import { requestId } from "./middleware/request-id.ts";
import { requestLog } from "./middleware/request-log.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { mount } from "./pipeline.ts";
import { actionEndpoints } from "./routes/actions.ts";
import { databaseEngineEndpoints } from "./routes/database-engines.ts";
import { databaseEndpoints } from "./routes/databases.ts";
import { healthRoutes } from "./routes/health.ts";
import { serverEndpoints } from "./routes/servers.ts";
import { sshKeyEndpoints } from "./routes/ssh-keys.ts";

export interface AppOptions {
  services: Services;
  logger: Logger;
  /** How many proxies in front of the API may name the client's address; none by default. */
  trustProxyHops?: number;
  /** Where error codes are explained. */
  docsBaseUrl?: string;
}

/** The whole HTTP API, ready to be listened with (listener.ts). */
export function createApp({ services, logger, trustProxyHops = 0, docsBaseUrl = DOCS_BASE_URL }: AppOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  // Each endpoint parses its own query string, by its schema (validate.ts).
  app.set("query parser", false);
  app.set("trust proxy", trustProxyHops === 0 ? false : trustProxyHops);

  app.use(requestId, requestLog(logger), securityHeaders);
  const endpoints = [serverEndpoints, databaseEndpoints, databaseEngineEndpoints, actionEndpoints, sshKeyEndpoints];
  mount(
    app,
    endpoints.flatMap((of) => of(services)),
    services,
  );
  app.use(healthRoutes(services, docsBaseUrl));
  app.use(unknownPath, errors({ logger, docsBaseUrl }));
  return app;
}
