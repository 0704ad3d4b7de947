import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/api/app.ts";
import { type Listener, listen } from "../../src/api/listener.ts";
import { ERROR_CODES } from "../../src/domain/error-codes.ts";
import { HttpMetrics } from "../../src/telemetry/http-metrics.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createRegistry } from "../../src/telemetry/metrics.ts";
import { servicesDouble } from "../api/services-double.ts";
import { ampleRateLimiter } from "../support/ample-limits.ts";
import { launchChromium } from "../support/chromium.ts";

/** Not where it listens: the page has to ask where it came from, whatever the description says. */
const PUBLIC_URL = "https://cloud.example.com";

let listener: Listener;
let browser: Browser;
beforeAll(async () => {
  const logger = createLogger({ level: "silent", name: "api" });
  const app = createApp({
    services: servicesDouble(),
    rateLimiter: ampleRateLimiter(),
    logger,
    metrics: new HttpMetrics(createRegistry()),
    publicUrl: PUBLIC_URL,
    acceptWaitMs: 0,
  });
  listener = await listen(app, { host: "127.0.0.1", port: 0 });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await listener.close();
});

interface Visit {
  page: Page;
  /** Everything that was asked of any host but the API itself. */
  foreign: string[];
  /** Console errors, uncaught errors, and what the policy had to refuse. */
  complaints: string[];
  failed: string[];
}

async function visit(path: string, width: number): Promise<Visit> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const seen: Visit = { page, foreign: [], complaints: [], failed: [] };
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== listener.address && protocol !== "data:" && protocol !== "blob:") seen.foreign.push(request.url());
  });
  page.on("response", (response) => {
    if (response.status() >= 400) seen.failed.push(`${response.status()} ${response.url()}`);
  });
  page.on("console", (message) => {
    const isViolation = message.text().startsWith("refused by the policy");
    if (message.type() === "error" || isViolation) seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => seen.complaints.push(error.message));
  await page.addInitScript(`addEventListener("securitypolicyviolation", (event) =>
    console.log("refused by the policy", event.effectiveDirective, event.blockedURI, event.sample))`);
  await page.goto(listener.address + path);
  await page.getByRole("heading", { name: "CloudNexus API" }).waitFor();
  return seen;
}

async function readToTheEnd({ page }: Visit): Promise<void> {
  await page.mouse.move(700, 450);
  for (let screen = 0; screen < 60; screen++) {
    await page.mouse.wheel(0, 900);
    await page.waitForTimeout(50);
  }
}

function expectNoComplaints(seen: Visit): void {
  const { foreign, complaints, failed } = seen;
  expect({ foreign, complaints, failed }).toEqual({ foreign: [], complaints: [], failed: [] });
}

describe("the reference page", () => {
  it.each([
    ["a desktop", 1440],
    ["a phone", 390],
  ])(
    "on %s asks nothing of other hosts, complains of nothing, and is no wider than the screen",
    async (_what, width) => {
      const seen = await visit("/", width);
      expect(new URL(seen.page.url()).pathname).toBe("/docs");
      await readToTheEnd(seen);
      expectNoComplaints(seen);
      expect(await seen.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await seen.page.close();
    },
  );

  it("shows a call with its samples in four languages, which can be chosen", async () => {
    const seen = await visit("/docs#tag/servers/POST/v1/servers", 1440);
    const call = seen.page.locator("[id$='tag/servers/POST/v1/servers']");
    for (const [language, line] of [
      ["Node.js", "await fetch("],
      ["Python", "requests.post("],
      ["CLI", "cloudnexus create-server"],
      ["cURL", "curl -X POST"],
    ] as const) {
      await call.getByTestId("client-picker").first().click();
      await seen.page.getByRole("option", { name: language, exact: true }).click();
      await call.getByText(line).first().waitFor();
    }
    expectNoComplaints(seen);
    await seen.page.close();
  });

  it("tries calls out where the page came from", async () => {
    const seen = await visit("/docs", 1440);
    expect(await seen.page.getByText(listener.address, { exact: true }).count()).toBeGreaterThan(0);
    await seen.page.close();
  });
});

describe("docs_url", () => {
  it.each(Object.keys(ERROR_CODES))("of %s opens its own section", async (code) => {
    const seen = await visit(`/docs/errors/${code}`, 1440);
    const heading = seen.page.getByRole("heading", { name: code, exact: true });
    await heading.waitFor();
    await expect.poll(async () => isInView(await heading.boundingBox()), { timeout: 10_000 }).toBe(true);
    expectNoComplaints(seen);
    await seen.page.close();
  });
});

function isInView(box: { y: number } | null): boolean {
  return box !== null && box.y >= 0 && box.y < 450;
}
