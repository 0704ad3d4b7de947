import type { Audit, AuditDifference } from "../domain/audit.ts";
import { AUDIT_CLASSES } from "../domain/audit-classes.ts";
import { DomainError } from "../domain/domain-error.ts";
import { newId } from "../domain/ids.ts";
import type { AuditEvent } from "../store/audit-events.ts";
import { auditRequest } from "./audit.ts";
import { regionIssues } from "./catalog-references.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { listStart, toPage } from "./pages.ts";
import type { CreateAuditRequest, Effect, Page, PageRequest, RequestContext } from "./services.ts";

/** Begins an audit. What is not named is all that there is. */
export async function createAudit(
  dependencies: Dependencies,
  request: CreateAuditRequest,
  context: RequestContext,
): Promise<Effect<Audit>> {
  const { store, catalog, workflows, logger } = dependencies;
  const { accountId, apiKeyId } = context.principal;
  const { repair, deleteLost, reason } = request;
  const regions = request.regions ?? Object.keys(catalog.regions);
  const classes = request.classes ?? AUDIT_CLASSES;
  const id = newId("audit");
  const accepted = await once(store, context, {
    resourceId: id,
    check: () => knownRegions(dependencies, regions),
    effect: async (repositories) => {
      const requestedBy = { accountId, apiKeyId, requestId: context.requestId };
      await auditRequest(repositories, context, {
        ...{ event: "audit.create", resourceKind: "audit", resourceId: id, reason },
        after: { repair, delete_lost: deleteLost, regions, classes },
      });
      return repositories.audits.insert({ id, requestedBy, reason, repair, deleteLost, regions, classes });
    },
    replay: async (earlier) => (await getAudit(dependencies, earlier)).audit,
  });
  if (!accepted.replayed) {
    try {
      await workflows.startAudit(id);
    } catch (cause) {
      logger.warn({ err: cause, audit_id: id }, "an audit was not started");
      await store.audits.end(id, regions.length + 1);
      throw new DomainError("service_unavailable", { internal: "the audit could not be started", cause });
    }
  }
  return accepted;
}

export async function getAudit(
  { store }: Dependencies,
  id: string,
): Promise<{ audit: Audit; differences: AuditDifference[] }> {
  const audit = await store.audits.find(id);
  if (!audit) throw new DomainError("not_found");
  return { audit, differences: await store.audits.differences(id) };
}

export async function listAudits({ store }: Dependencies, request: PageRequest): Promise<Page<Audit>> {
  return toPage(await store.audits.list(listStart(request), request.perPage), request);
}

/** Of one account, or of all. */
export async function listAuditLog(
  { store }: Dependencies,
  accountId: string | null,
  request: PageRequest,
): Promise<Page<AuditEvent>> {
  return toPage(await store.auditEvents.list(accountId, listStart(request), request.perPage), request);
}

function knownRegions({ catalog }: Dependencies, regions: string[]): Promise<void> {
  const details = regions.flatMap((region, index) => regionIssues(catalog, region, `regions[${index}]`));
  return details.length === 0 ? Promise.resolve() : Promise.reject(new DomainError("validation_failed", { details }));
}
