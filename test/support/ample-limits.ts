import { rateLimitsSchema, toRateLimits } from "../../src/config/limits-schema.ts";
import { QUOTAS, type QuotaLimits } from "../../src/domain/quotas.ts";
import { createRateLimiter, type RateLimiter } from "../../src/services/rate-limiter.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

const AMPLE = { points: 1_000_000_000, seconds: 60 };
export const AMPLE_QUOTAS = Object.fromEntries(QUOTAS.map((quota) => [quota, 1_000_000_000])) as QuotaLimits;

/** As in cloudnexus.yaml, for tests whose subject is something else: one client makes thousands of requests in them. */
export const AMPLE_LIMITS_FILE = {
  rate_limits: {
    key_burst: AMPLE,
    key_sustained: AMPLE,
    delete_reserve: AMPLE,
    address_failures: AMPLE,
    address_documents: AMPLE,
  },
  quotas: AMPLE_QUOTAS,
};

const AMPLE_RATE_LIMITS = toRateLimits(rateLimitsSchema.parse(AMPLE_LIMITS_FILE.rate_limits));

export function ampleRateLimiter(): RateLimiter {
  return createRateLimiter({
    limits: AMPLE_RATE_LIMITS,
    store: null,
    logger: createLogger({ level: "silent", name: "test" }),
  });
}
