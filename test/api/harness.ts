import { afterEach, type Mock, vi } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { refusalEnvelope } from "../../src/api/connection-refusal.ts";
import { type Listener, type ListenerOptions, listen } from "../../src/api/listener.ts";
import type { ErrorDetail } from "../../src/domain/domain-error.ts";
import type { RateLimiter } from "../../src/services/rate-limiter.ts";
import type { Services } from "../../src/services/services.ts";
import { HttpMetrics } from "../../src/telemetry/http-metrics.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createRegistry } from "../../src/telemetry/metrics.ts";
import { ampleRateLimiter } from "../support/ample-limits.ts";
import { contractFetch } from "../support/contract/contract-fetch.ts";
import { API_KEY, servicesDouble } from "./services-double.ts";

export interface Answer {
  status: number;
  headers: Headers;
  body: {
    status: string;
    data?: unknown;
    error?: { code: string; message: string; details: ErrorDetail[]; docs_url: string };
    meta: { request_id: string; timestamp: string; pagination?: Record<string, unknown> };
  };
}

interface RequestOptions {
  /** Sent as JSON, a string or bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Full access by default; null sends none. */
  apiKey?: string | null;
  signal?: AbortSignal;
}

/** A logged line, parsed. */
interface LogEntry {
  level: string;
  msg: string;
  request_id?: string;
  err?: { stack: string };
}

export interface TestApi {
  url: string;
  listener: Listener;
  services: { [Name in keyof Services]: Mock<Services[Name]> };
  /** The JSON lines logged so far. */
  logLines: string[];
  logEntries(): LogEntry[];
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

/** What the API under test believes to be reached by. */
export const PUBLIC_URL = "https://cloud.example.com";

const running = new Set<Listener>();

afterEach(async () => {
  await Promise.all([...running].map((listener) => listener.close()));
  running.clear();
});

/** An API on a free port over the services double; `overrides` replace single use-cases. It is closed after the test. */
export async function startApi(
  overrides: Partial<Services> = {},
  {
    rateLimiter = ampleRateLimiter(),
    timeouts = { idleGrace: 0 },
    trustProxyHops = 0,
  }: { rateLimiter?: RateLimiter; timeouts?: ListenerOptions["timeouts"]; trustProxyHops?: number } = {},
): Promise<TestApi> {
  const logLines: string[] = [];
  const double = { ...servicesDouble(), ...overrides };
  const services = Object.fromEntries(
    Object.entries(double).map(([name, useCase]) => [name, vi.fn(useCase as (...parts: unknown[]) => unknown)]),
  ) as unknown as TestApi["services"];
  const logger = createLogger({ level: "debug", name: "api", stream: { write: (line) => void logLines.push(line) } });
  const metrics = new HttpMetrics(createRegistry());
  const listener = await listen(
    createApp({ services, rateLimiter, logger, metrics, publicUrl: PUBLIC_URL, trustProxyHops, acceptWaitMs: 60_000 }),
    {
      host: "127.0.0.1",
      port: 0,
      refusalBody: refusalEnvelope(PUBLIC_URL),
      timeouts,
    },
  );
  running.add(listener);
  return {
    url: listener.address,
    listener,
    services,
    logLines,
    logEntries: () => logLines.map((line) => JSON.parse(line) as LogEntry),
    request: (method, path, options) => request(`${listener.address}${path}`, method, options ?? {}),
  };
}

async function request(url: string, method: string, options: RequestOptions): Promise<Answer> {
  const { body, apiKey = API_KEY, headers = {}, signal } = options;
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await contractFetch(url, {
    method,
    headers: {
      ...(apiKey !== null && { Authorization: `Bearer ${apiKey}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: (isRaw ? body : JSON.stringify(body)) as string }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? null : JSON.parse(text)) as Answer["body"],
  };
}

/** A promise that the test settles: for use-cases that wait until the test lets them go on. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** The fields an answer complains about, in its order. */
export function wrongFields(answer: Answer): string[] {
  return (answer.body.error?.details ?? []).map((detail) => detail.field);
}

export function issueOf(answer: Answer, field: string): string | undefined {
  return answer.body.error?.details.find((detail) => detail.field === field)?.issue;
}
