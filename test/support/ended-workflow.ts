import type { Data } from "./api-client.ts";
import type { World } from "./world.ts";

/**
 * An action once its workflow has ended, well or not. An answer that is lost after the last step shows as a success until it is undone, so the row alone does not say it;
 * and a busy API answers before the workflow has begun, so the workflow alone does not either.
 */
export async function actionOfEndedWorkflow(world: World, workflowId: string, actionId: string): Promise<Data> {
  await world.api.actionEnd(actionId);
  await world.temporal.workflow
    .getHandle(workflowId)
    .result()
    .catch(() => undefined);
  return world.api.actionEnd(actionId);
}
