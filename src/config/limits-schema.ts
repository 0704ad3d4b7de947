import { z } from "zod";
import type { QuotaLimits } from "../domain/quotas.ts";
import type { RateLimits } from "../domain/rate-limits.ts";

/** The limits in cloudnexus.yaml, each with its default. */

/** No call costs more; a window with less would never let it through. */
const POINTS_MIN = 20;
const POINTS_MAX = 1_000_000_000;
const DAY_SECONDS = 86_400;

function window(points: number, seconds: number) {
  return z
    .strictObject({ points: z.int().min(POINTS_MIN).max(POINTS_MAX), seconds: z.int().min(1).max(DAY_SECONDS) })
    .default({ points, seconds });
}

export const rateLimitsSchema = z
  .strictObject({
    key_burst: window(3_000, 60),
    key_sustained: window(36_000, 3_600),
    delete_reserve: window(300, 60),
    address_failures: window(60, 60),
    address_documents: window(300, 60),
  })
  .prefault({});

/** As PostgreSQL counts them. */
const INTEGER_MAX = 2_147_483_647;

export const quotaLimit = z.int().min(0).max(INTEGER_MAX);

export const quotasSchema = z
  .strictObject({
    servers: quotaLimit.default(250),
    databases: quotaLimit.default(100),
    vcpus: quotaLimit.default(1_000),
    memory_mib: quotaLimit.default(2_097_152),
    addresses: quotaLimit.default(350),
    api_keys: quotaLimit.default(100),
    ssh_keys: quotaLimit.default(100),
  } satisfies Record<keyof QuotaLimits, z.ZodType>)
  .prefault({});

export function toRateLimits(file: z.output<typeof rateLimitsSchema>): RateLimits {
  return {
    keyBurst: file.key_burst,
    keySustained: file.key_sustained,
    deleteReserve: file.delete_reserve,
    addressFailures: file.address_failures,
    addressDocuments: file.address_documents,
  };
}
