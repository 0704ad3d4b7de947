import type { Resource, ResourceError } from "./resource.ts";
import type { PowerState } from "./statuses.ts";

export interface Server extends Resource {
  plan: string;
  image: string;
  powerState: PowerState;
  sshKeyIds: string[];
  labels: Record<string, string>;
  error: ResourceError | null;
  createdAt: Date;
  updatedAt: Date;
}
