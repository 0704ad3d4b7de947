/** Workflows and the activities that only touch our database. */
export function workflowTaskQueue(prefix: string): string {
  return `${prefix}-workflows`;
}

/** The activities that touch a region's infrastructure: a region's worker can live beside its hosts. Used inside workflows too. */
export function regionTaskQueue(workflowQueue: string, region: string): string {
  return `${workflowQueue.replace(/-workflows$/, "")}-region-${region}`;
}

export const QUEUE_KINDS = ["workflow", "activity"] as const;

/** A task queue as it is now; Temporal's numbers are estimates. */
export interface QueueState {
  name: string;
  /** What waits in it: a queue can have both. */
  kind: (typeof QUEUE_KINDS)[number];
  /** Null: the workflows, and the activities that only touch our database. */
  region: string | null;
  /** Tasks that wait. */
  backlog: number;
  /** How long the oldest of them has waited; null: none waits. */
  oldestSeconds: number | null;
  addedPerSecond: number;
  dispatchedPerSecond: number;
  /** Those that ask for its tasks. */
  workers: number;
}
