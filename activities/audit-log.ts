import type { AuditClass } from "../src/domain/audit-classes.ts";
import { newId } from "../src/domain/ids.ts";
import type { AuditedKind } from "../src/store/audit-events.ts";
import type { Repositories } from "../src/store/store.ts";
import type { Repairer } from "./audit-part.ts";

interface Repaired {
  /** Null where nothing tells it. */
  accountId: string | null;
  resourceKind: AuditedKind;
  resourceId: string;
  class: AuditClass;
  detail: string;
}

/** Notes a repair: who asked for it, why, and what was found. */
export async function auditedRepair(
  { auditEvents }: Pick<Repositories, "auditEvents">,
  { accountId: operator, apiKeyId, requestId, reason }: Repairer,
  { accountId, class: name, detail, ...target }: Repaired,
): Promise<void> {
  const of = { id: newId("auditEvent"), accountId: accountId ?? operator, event: "audit.repair" as const };
  const states = { before: { class: name, detail }, after: { class: null, detail: "repaired" } };
  await auditEvents.insert({ ...of, apiKeyId, requestId, reason, ...target, ...states });
}
