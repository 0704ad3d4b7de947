import { newId } from "../domain/ids.ts";
import type { NewAuditEvent } from "../store/audit-events.ts";
import type { Repositories } from "../store/store.ts";
import type { RequestContext } from "./services.ts";

type Audited = Pick<NewAuditEvent, "event" | "resourceKind" | "resourceId" | "reason" | "before" | "after"> & {
  /** Whose thing it is done to, where it is not the one's who asks. */
  accountId?: string;
};

/** Notes what a request does, in the transaction in which it is done. */
export async function auditRequest(
  { auditEvents }: Pick<Repositories, "auditEvents">,
  { principal, requestId }: Pick<RequestContext, "principal" | "requestId">,
  audited: Audited,
): Promise<void> {
  const { accountId, apiKeyId } = principal;
  await auditEvents.insert({ id: newId("auditEvent"), accountId, apiKeyId, requestId, ...audited });
}

/** The same for what an operator's request does to an account, which is seldom the operator's own. */
export async function auditOnAccount(
  { auditEvents }: Pick<Repositories, "auditEvents">,
  { principal: { apiKeyId }, requestId }: Pick<RequestContext, "principal" | "requestId">,
  audited: Audited & { accountId: string },
): Promise<void> {
  await auditEvents.insert({ id: newId("auditEvent"), apiKeyId, requestId, ...audited });
}

/** The same for what is done to an account on the database, by an operator or by the start of the API. */
export async function auditOperator(
  { auditEvents }: Pick<Repositories, "auditEvents">,
  accountId: string,
  audited: Audited,
): Promise<void> {
  await auditEvents.insert({ id: newId("auditEvent"), accountId, apiKeyId: null, requestId: null, ...audited });
}
