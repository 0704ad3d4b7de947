import { DomainError } from "../domain/domain-error.ts";
import type { QueueState } from "../domain/task-queues.ts";
import type { Dependencies } from "./dependencies.ts";

/** What waits in the task queues, by Temporal's own count. */
export async function listQueues({ catalog, health }: Dependencies): Promise<QueueState[]> {
  try {
    return await health.queueStates(Object.keys(catalog.regions));
  } catch (cause) {
    const publicText = "Temporal does not answer.";
    throw new DomainError("service_unavailable", { publicText, internal: "the task queues were not described", cause });
  }
}
