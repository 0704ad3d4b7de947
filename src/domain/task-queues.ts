/** Workflows and the activities that only touch our database. */
export function workflowTaskQueue(prefix: string): string {
  return `${prefix}-workflows`;
}

/** The activities that touch a region's infrastructure: a region's worker can live beside its hosts. Used inside workflows too. */
export function regionTaskQueue(workflowQueue: string, region: string): string {
  return `${workflowQueue.replace(/-workflows$/, "")}-region-${region}`;
}
