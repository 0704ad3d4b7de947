/** Status of a server as customers see it. A deleted server has none: it is gone. */
export const SERVER_STATUSES = ["provisioning", "active", "suspended", "deleting", "failed"] as const;
export type ServerStatus = (typeof SERVER_STATUSES)[number];

export type PowerState = "running" | "stopped" | "unknown";

export type ActionStatus = "running" | "succeeded" | "failed" | "cancelled";

export type StepStatus = "pending" | "running" | "succeeded" | "failed";

/** The one transition table: which status may follow which. */
const SERVER_TRANSITIONS: Record<ServerStatus, readonly ServerStatus[]> = {
  provisioning: ["active", "failed", "deleting"],
  active: ["suspended", "deleting"],
  suspended: ["active", "deleting"],
  failed: ["provisioning", "deleting"],
  deleting: [],
};

/** The statuses from which a server may become `to`: the guard of every status update. */
export function statusesLeadingTo(to: ServerStatus): ServerStatus[] {
  return SERVER_STATUSES.filter((from) => SERVER_TRANSITIONS[from].includes(to));
}

export function isActionEnded(status: ActionStatus): boolean {
  return status !== "running";
}
