import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RateLimits } from "../../src/domain/rate-limits.ts";
import { createRateLimiter, type RateLimiter } from "../../src/services/rate-limiter.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createTestStore, query } from "../support/database.ts";

const HOUR = { points: 100, seconds: 3_600 };
const LIMITS: RateLimits = {
  keyBurst: { points: 10, seconds: 3_600 },
  keySustained: HOUR,
  deleteReserve: HOUR,
  addressFailures: HOUR,
  addressDocuments: HOUR,
};
const KEY = `ak_${"a".repeat(24)}`;

let test: Awaited<ReturnType<typeof createTestStore>>;
let logLines: string[];
beforeEach(async () => {
  test = await createTestStore();
  logLines = [];
});
afterEach(() => test.close());

/** As of an API process of its own. */
function limiterOfProcess(): RateLimiter {
  const logger = createLogger({ level: "info", name: "api", stream: { write: (line) => void logLines.push(line) } });
  return createRateLimiter({ limits: LIMITS, store: test.store, logger });
}

async function remaining(limiter: RateLimiter, cost = 1): Promise<[boolean, number[]]> {
  const { allowed, windows } = await limiter.spend(KEY, cost, false);
  return [allowed, windows.map((window) => window.remaining)];
}

describe("points that are counted in PostgreSQL", () => {
  it("are those of all processes together", async () => {
    const [one, other] = [limiterOfProcess(), limiterOfProcess()];
    expect(await remaining(one, 5)).toEqual([true, [5, 95]]);
    expect(await remaining(other, 4)).toEqual([true, [1, 91]]);
    expect(await remaining(one)).toEqual([true, [0, 90]]);
    expect(await remaining(other)).toEqual([false, [0]]);
    expect(await remaining(one)).toEqual([false, [0]]);
  });

  it("let exactly as many through as there are, of requests at the same time", async () => {
    const processes = [limiterOfProcess(), limiterOfProcess(), limiterOfProcess()];
    const spendings = await Promise.all(
      Array.from({ length: 30 }, (_, index) => remaining(processes[index % 3] as RateLimiter)),
    );
    expect(spendings.filter(([allowed]) => allowed)).toHaveLength(10);
  });

  it("of a key that has none left are not asked for again before the window ends", async () => {
    const limiter = limiterOfProcess();
    await limiter.spend(KEY, 10, false);
    await query(test.databaseUrl, "DELETE FROM rate_limit_points");
    expect(await remaining(limiter)).toEqual([false, [0]]);
  });

  it("are counted by each process, which says so, while the database is away", async () => {
    const limiter = limiterOfProcess();
    await limiter.spend(KEY, 5, false);
    await query(test.databaseUrl, "ALTER TABLE rate_limit_points RENAME TO away");
    expect(await remaining(limiter, 4)).toEqual([true, [6, 96]]);
    expect(await remaining(limiter, 6)).toEqual([true, [0, 90]]);
    expect(await remaining(limiter)).toEqual([false, [0]]);
    expect(logLines).toHaveLength(1);
    expect(logLines[0]).toContain("rate limits are counted in this process");

    await query(test.databaseUrl, "ALTER TABLE away RENAME TO rate_limit_points");
    expect(await remaining(limiter)).toEqual([true, [4, 94]]);
  });
});
