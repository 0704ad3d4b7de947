import type { Express } from "express";
import { describe, expect, it } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { openApiDocument } from "../../src/api/openapi/document.ts";
import { HttpMetrics } from "../../src/telemetry/http-metrics.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createRegistry } from "../../src/telemetry/metrics.ts";
import { ampleRateLimiter } from "../support/ample-limits.ts";
import { DOCUMENT } from "../support/contract/document.ts";
import { PUBLIC_URL } from "./harness.ts";
import { servicesDouble } from "./services-double.ts";

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

/** Every method and path that Express really answers under /v1 and for the service, as the file writes them. */
function routes(app: Express): string[] {
  const layers = (app.router as unknown as { stack: Layer[] }).stack;
  return layers
    .flatMap(({ route }) => (route ? Object.keys(route.methods).map((method) => ({ method, path: route.path })) : []))
    .filter(({ method, path }) => method !== "_all" && !PAGE.test(path))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
}

/** The reference page is for people: no part of the API. */
const PAGE = /^\/(docs|$)/;

const logger = createLogger({ level: "silent", name: "api" });
const app = createApp({
  services: servicesDouble(),
  rateLimiter: ampleRateLimiter(),
  logger,
  metrics: new HttpMetrics(createRegistry()),
  publicUrl: PUBLIC_URL,
  acceptWaitMs: 0,
});
const described = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
);

describe("openapi/openapi.json and the router", () => {
  it("have the same operations, no more on either side", () => {
    expect(routes(app).sort()).toEqual(described.map(({ name }) => name).sort());
  });

  it("the committed file is what the endpoints say (npm run openapi)", () => {
    expect(DOCUMENT).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  });
});

describe("every operation", () => {
  it("has a name of its own, fit for a method of an SDK", () => {
    const names = described.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
  });

  it.each(described)("$name has samples in cURL, Node.js, Python and for the CLI", ({ operation }) => {
    expect(operation["x-codeSamples"].map(({ label }) => label)).toEqual(["cURL", "Node.js", "Python", "CLI"]);
  });
});
