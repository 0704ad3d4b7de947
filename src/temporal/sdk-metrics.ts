import { randomInt } from "node:crypto";
import type { MetricsExporterConfig } from "@temporalio/worker";

/** Below the ports that systems give to outgoing connections. */
const PORTS = { from: 20_000, to: 32_000 };
const ATTEMPTS = 20;
const READ_TIMEOUT_MS = 2_000;

/** Buckets of what the SDK measures: milliseconds where workers keep up, minutes where they do not. */
const LATENCY_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

let address: string | null = null;

/**
 * Has the SDK export its metrics. It listens by itself and does not tell on which port, so it gets one that is free, on the loopback address; our own metrics
 * port shows them together with ours.
 */
export function withSdkMetrics(install: (metrics: MetricsExporterConfig) => void): void {
  for (let attempt = 1; ; attempt++) {
    const bindAddress = `127.0.0.1:${randomInt(PORTS.from, PORTS.to)}`;
    try {
      install({ prometheus: { bindAddress, ...UNITS, histogramBucketOverrides: BUCKETS } });
      address = bindAddress;
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

/** Names and units as Prometheus has them. */
const UNITS = { countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true };
const BUCKETS = Object.fromEntries(
  [
    "workflow_task_schedule_to_start_latency",
    "workflow_task_execution_latency",
    "activity_schedule_to_start_latency",
    "activity_execution_latency",
    "workflow_endtoend_latency",
    "request_latency",
  ].map((name) => [name, LATENCY_S]),
);

/** Where the SDK of this process exports its metrics; null: it does not. */
export function sdkMetricsAddress(): string | null {
  return address;
}

/** Rejects if it does not answer in time. */
export async function readSdkMetrics(from: string): Promise<string> {
  const response = await fetch(`http://${from}/metrics`, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
  return response.text();
}
