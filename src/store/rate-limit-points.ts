import type pg from "pg";
import { RateLimiterMemory, RateLimiterPostgres } from "rate-limiter-flexible";
import type { RateLimitWindow } from "../domain/rate-limits.ts";

export interface PostgresLimiterOptions extends RateLimitWindow {
  /** Keeps its keys apart from those of others. */
  name: string;
  /** Told of every question that the database did not answer; the process then counts by itself. */
  onError: (error: unknown) => void;
}

/** Counts points in the database, for all API processes together, by one statement a request. A key that has none left is not asked about again before its window ends. */
export function postgresLimiter(pool: pg.Pool, { name, points, seconds, onError }: PostgresLimiterOptions) {
  const counted = {
    async query(statement: pg.QueryConfig) {
      try {
        return await pool.query(statement);
      } catch (error) {
        onError(error);
        throw error;
      }
    },
  };
  return new RateLimiterPostgres({
    storeClient: counted,
    storeType: "pool",
    tableName: "rate_limit_points",
    // By a migration.
    tableCreated: true,
    keyPrefix: name,
    points,
    duration: seconds,
    inMemoryBlockOnConsumed: points,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
  });
}
