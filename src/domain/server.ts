import type { Resource, ResourceError } from "./resource.ts";
import type { PowerState } from "./statuses.ts";

/** What can be asked of a server that is there. A retry is a create once more. */
export const SERVER_REQUESTS = ["start", "stop", "reboot", "suspend", "resume", "retry", "resize", "rebuild"] as const;
export type ServerRequest = (typeof SERVER_REQUESTS)[number];

export interface Server extends Resource {
  plan: string;
  powerState: PowerState;
  sshKeyIds: string[];
  labels: Record<string, string>;
  error: ResourceError | null;
  createdAt: Date;
  updatedAt: Date;
}
