import { DomainError } from "../domain/domain-error.ts";
import type { Principal } from "../domain/principal.ts";
import type { ResourceKind } from "../domain/resource.ts";
import type { ResourceState } from "../store/resources.ts";
import type { Repositories } from "../store/store.ts";

/** The account's resource, locked until the end of the transaction, on which nothing else runs. `resource_busy` names the action that does. */
export async function lockIdle(
  { resources, actions }: Repositories,
  kind: ResourceKind,
  id: string,
  principal: Principal,
): Promise<ResourceState> {
  const resource = await resources[kind].lock(id);
  if (resource?.accountId !== principal.accountId) throw new DomainError("not_found");
  const running = (await actions.findRunning(id, "delete")) ?? (await actions.findRunningChange(id));
  if (running) {
    throw new DomainError("resource_busy", {
      publicText: `The action ${running.id} (${running.type}) is running on this resource.`,
      details: [{ field: "action_id", issue: running.id }],
    });
  }
  return resource;
}
