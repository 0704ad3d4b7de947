import { DomainError } from "../domain/domain-error.ts";
import type { OperatorAction, OperatorActionDetail, OperatorActionFilter } from "../domain/operator-action.ts";
import { actionToStart } from "../domain/workflow-control.ts";
import { auditRequest } from "./audit.ts";
import { acceptCancel, deliverCancel } from "./cancel-action.ts";
import type { Dependencies } from "./dependencies.ts";
import { once } from "./idempotency.ts";
import { listStart, toPage } from "./pages.ts";
import type { Effect, Page, PageRequest, RequestContext } from "./services.ts";

/** The actions of all accounts. */
export async function listOperatorActions(
  { store }: Dependencies,
  filter: OperatorActionFilter,
  request: PageRequest,
): Promise<Page<OperatorAction>> {
  return toPage(await store.operatorActions.list(filter, listStart(request), request.perPage), request);
}

/** With what Temporal tells of one that runs; while it is away, without. */
export async function getOperatorAction(
  { store, workflows, logger }: Dependencies,
  id: string,
): Promise<OperatorActionDetail> {
  const action = await store.operatorActions.find(id);
  if (!action) throw new DomainError("not_found");
  if (action.status !== "running") return { ...action, pending: [] };
  try {
    return { ...action, pending: await workflows.pendingSteps(actionToStart(action)) };
  } catch (err) {
    logger.warn({ err, action_id: id }, "Temporal did not tell what is pending of an action");
    return { ...action, pending: null };
  }
}

/** As its holder's own cancel: of a create that is running. */
export async function cancelOperatorAction(
  dependencies: Dependencies,
  id: string,
  reason: string,
  context: RequestContext,
): Promise<Effect<OperatorActionDetail>> {
  const { replayed } = await once(dependencies.store, context, {
    resourceId: id,
    effect: async (repositories) => {
      const [found] = await repositories.actions.inOrder([{ id }]);
      if (!found) throw new DomainError("not_found");
      const action = await acceptCancel(repositories, found);
      if (action.status !== "running") return action;
      await auditRequest(repositories, context, {
        ...{ accountId: action.accountId, event: "action.cancel", resourceKind: "action", resourceId: id, reason },
        before: { status: "running", cancel_requested: false },
        after: { status: "running", cancel_requested: true },
      });
      return action;
    },
    replay: async () => (await dependencies.store.actions.inOrder([{ id }]))[0] ?? null,
  });
  const action = await getOperatorAction(dependencies, id);
  if (!replayed && action.status === "running") await deliverCancel(dependencies, action, context);
  return { value: action, replayed };
}
