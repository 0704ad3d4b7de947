import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createApp } from "./api/app.ts";
import { refusalEnvelope } from "./api/connection-refusal.ts";
import { listen } from "./api/listener.ts";
import type { Config } from "./config/config.ts";
import { ApiTokenHasher } from "./domain/api-token-hasher.ts";
import type { ErrorCode } from "./domain/error-codes.ts";
import { ensureBootstrapApiKey, loadAddressPools } from "./services/bootstrap.ts";
import { createServices } from "./services/create-services.ts";
import { EventStreams } from "./services/event-streams.ts";
import { createRateLimiter } from "./services/rate-limiter.ts";
import { startMetrics } from "./start-metrics.ts";
import { SecretBox } from "./store/secret-box.ts";
import { openStore } from "./store/store.ts";
import { HttpMetrics } from "./telemetry/http-metrics.ts";
import type { Logger } from "./telemetry/logger.ts";
import { createRegistry, observeEventStreams, observePool } from "./telemetry/metrics.ts";
import { lazyTemporalClient } from "./temporal/client.ts";
import { temporalHealth } from "./temporal/health.ts";
import { temporalWorkerFleet } from "./temporal/worker-fleet.ts";
import { temporalWorkflowControl } from "./temporal/workflow-control.ts";

const POOL_SIZE = 20;

export interface RunningApi {
  /** `http://host:port` */
  address: string;
  /** `http://host:port/metrics`; null where METRICS_PORT is not set. */
  metricsAddress: string | null;
  /** Finishes the requests under way, then closes everything. */
  stop(): Promise<void>;
}

/** The API: accepts requests, writes rows, starts workflows. It cannot reach infrastructure. */
export async function startApi(config: Config, logger: Logger): Promise<RunningApi> {
  const store = openStore({
    databaseUrl: config.databaseUrl,
    maxConnections: POOL_SIZE,
    onConnectionError: (err) => logger.warn({ err }, "a database connection broke"),
  });
  await loadAddressPools(store, config.addressRanges);
  const apiTokenHasher = new ApiTokenHasher(config.secrets.apiKeyPeppers);
  const made = await ensureBootstrapApiKey(store, apiTokenHasher, config.bootstrapApiKey);
  if (made !== null) {
    const file = resolve(config.dataDir, "bootstrap-api-key");
    await writeFile(file, `${made}\n`, { mode: 0o600 });
    logger.info({ api_key_file: file }, "bootstrap api key created");
  }

  const { taskQueuePrefix } = config.temporal;
  const temporal = lazyTemporalClient(config.temporal, config.secrets.codecKeys);
  const eventStreams = new EventStreams({ store, logger });
  const services = createServices(
    {
      store,
      catalog: config.catalog,
      quotas: config.quotas,
      workflows: temporalWorkflowControl(temporal, taskQueuePrefix, config.deadlineSeconds),
      workers: temporalWorkerFleet(temporal, taskQueuePrefix),
      secretBox: new SecretBox(config.secrets.credentialKey),
      apiTokenHasher,
      bootstrapApiKey: config.bootstrapApiKey,
      health: temporalHealth(temporal, taskQueuePrefix),
      logger,
    },
    eventStreams,
  );
  const { rateLimits: limits, rateLimitStore, publicUrl, trustProxyHops, acceptWaitMs } = config;
  const rateLimiter = createRateLimiter({ limits, store: rateLimitStore === "postgresql" ? store : null, logger });
  const registry = createRegistry();
  observePool(registry, () => store.poolUsage());
  observeEventStreams(registry, () => eventStreams.count);
  const metrics = new HttpMetrics(registry);
  const app = createApp({ services, rateLimiter, logger, metrics, publicUrl, trustProxyHops, acceptWaitMs });
  const envelope = refusalEnvelope(publicUrl);
  const refusalBody = (code: ErrorCode) => {
    metrics.refuseConnection(code);
    return envelope(code);
  };
  const metricsServer = await startMetrics(config, { registry, logger });
  const listener = await listen(app, { ...config.listener, refusalBody });
  return {
    address: listener.address,
    metricsAddress: metricsServer?.address ?? null,
    async stop() {
      await listener.close();
      await metricsServer?.close();
      await temporal.connection.close();
      await store.close();
    },
  };
}
