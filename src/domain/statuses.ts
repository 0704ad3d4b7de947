/** Status of a server or database as customers see it. What was deleted has none: it is gone. */
export const RESOURCE_STATUSES = ["provisioning", "active", "suspended", "deleting", "failed"] as const;
export type ResourceStatus = (typeof RESOURCE_STATUSES)[number];

export type PowerState = "running" | "stopped" | "unknown";

export const ACTION_STATUSES = ["running", "succeeded", "failed", "cancelled"] as const;
export type ActionStatus = (typeof ACTION_STATUSES)[number];

export type StepStatus = "pending" | "running" | "succeeded" | "failed";

/** The one transition table: which status may follow which. */
const TRANSITIONS: Record<ResourceStatus, readonly ResourceStatus[]> = {
  provisioning: ["active", "failed", "deleting"],
  active: ["suspended", "deleting"],
  suspended: ["active", "deleting"],
  failed: ["provisioning", "deleting"],
  deleting: [],
};

/** The statuses from which a resource may become `to`: the guard of every status update. */
export function statusesLeadingTo(to: ResourceStatus): ResourceStatus[] {
  return RESOURCE_STATUSES.filter((from) => TRANSITIONS[from].includes(to));
}

export function isActionEnded(status: ActionStatus): boolean {
  return status !== "running";
}
