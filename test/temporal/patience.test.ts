import { ServiceError } from "@temporalio/client";
import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/telemetry/logger.ts";
import { patiently } from "../../src/temporal/patience.ts";

const logger = createLogger({ level: "silent", name: "test" });
const withCode = (code: number) => Object.assign(new Error("from the call"), { code });

/** Fails as often as it is told to, and counts. */
function failing(times: number, error: Error) {
  let calls = 0;
  const ask = () => (++calls > times ? Promise.resolve("answered") : Promise.reject(error));
  return { ask, count: () => calls };
}

describe("a Temporal that is asked patiently", () => {
  it.each([
    ["is away", withCode(14)],
    ["answers too late", withCode(4)],
    ["has too much to do", withCode(8)],
    ["is away, as the client says it", new ServiceError("Failed to create schedule", { cause: withCode(14) })],
  ])("and %s is asked until it answers", async (_what, error) => {
    const { ask, count } = failing(3, error);
    expect(await patiently(ask, logger, { retryMs: 1 })).toBe("answered");
    expect(count()).toBe(4);
  });

  it.each([
    ["forbids it", withCode(7)],
    ["does not know what is meant", new ServiceError("Failed to describe", { cause: withCode(3) })],
    ["is no Temporal", new Error("something else")],
  ])("and %s is asked once", async (_what, error) => {
    const { ask, count } = failing(1, error);
    await expect(patiently(ask, logger, { retryMs: 1 })).rejects.toBe(error);
    expect(count()).toBe(1);
  });
});
