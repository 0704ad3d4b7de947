import type { Config } from "./config/config.ts";
import type { Logger } from "./telemetry/logger.ts";
import { observeProcess, type Registry } from "./telemetry/metrics.ts";
import { type MetricsServer, serveMetrics } from "./telemetry/metrics-server.ts";

/** Serves what the process counts, where METRICS_PORT says so; null where it is not set. */
export async function startMetrics(
  { metrics }: Config,
  options: { registry: Registry; logger: Logger; more?: () => Promise<string> },
): Promise<MetricsServer | null> {
  if (metrics === null) return null;
  observeProcess(options.registry);
  const server = await serveMetrics({ ...metrics, ...options });
  options.logger.info({ address: server.address }, "metrics ready");
  return server;
}
