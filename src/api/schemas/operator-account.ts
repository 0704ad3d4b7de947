import { z } from "zod";
import { ACCOUNT_STATUSES } from "../../domain/account.ts";
import { QUOTAS, type Quota } from "../../domain/quotas.ts";
import { createApiKeyBody, toCreateApiKeyRequest } from "./api-key.ts";
import { mustBe, oneOf, resourceName } from "./fields.ts";
import { reason } from "./operator.ts";
import { pageParameters } from "./pagination.ts";

/** As PostgreSQL counts them. */
const LIMIT_MAX = 2_147_483_647;
const LIMIT_ISSUE = `must be an integer from 0 to ${LIMIT_MAX}, or null`;

export const createAccountBody = z
  .strictObject({
    name: resourceName.meta({ description: "1-63 characters of `a-z A-Z 0-9 . _ -`; no two accounts share one." }),
    reason,
  })
  .meta({ id: "CreateAccount" });

const limit = z
  .int({ error: mustBe(LIMIT_ISSUE.replace("must be ", "")) })
  .min(0, LIMIT_ISSUE)
  .max(LIMIT_MAX, LIMIT_ISSUE)
  .nullable()
  .optional()
  .meta({ description: "null: the installation's." });

export const setAccountLimitsBody = z
  .strictObject({
    ...(Object.fromEntries(QUOTAS.map((quota) => [quota, limit])) as Record<Quota, typeof limit>),
    reason,
  })
  .meta({ id: "SetAccountLimits" });

export const listAccountsQuery = z.strictObject({
  ...pageParameters,
  status: oneOf(ACCOUNT_STATUSES).meta({ description: "Only those in this status." }).optional(),
});

export const listAccountKeysQuery = z.strictObject(pageParameters);

export const suspendAccountBody = z.strictObject({ reason }).meta({ id: "SuspendAccount" });

export const resumeAccountBody = z.strictObject({ reason }).meta({ id: "ResumeAccount" });

export const createAccountKeyBody = z
  .strictObject({ ...createApiKeyBody.shape, reason })
  .meta({ id: "CreateAccountKey" });

export const revokeAccountKeyQuery = z.strictObject({ reason });

export function toLimits({ reason: why, ...limits }: z.output<typeof setAccountLimitsBody>) {
  const named = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { limits: Object.fromEntries(named) as Partial<Record<Quota, number | null>>, reason: why };
}

export function toIssueKeyRequest({ reason: why, ...key }: z.output<typeof createAccountKeyBody>) {
  return { ...toCreateApiKeyRequest(key), reason: why };
}
