import type { ErrorCode } from "./error-codes.ts";
import type { PowerState, ServerStatus } from "./statuses.ts";

/** Why a resource is in its present state, as customers see it. */
export interface ResourceError {
  code: ErrorCode;
  message: string;
  step: string | null;
  action_id: string;
  retryable: boolean;
}

export interface Server {
  id: string;
  accountId: string;
  name: string;
  plan: string;
  region: string;
  image: string;
  status: ServerStatus;
  powerState: PowerState;
  /** Null until the first step of the create has allocated it, and again once it was released. */
  ipv4: string | null;
  sshKeyIds: string[];
  labels: Record<string, string>;
  /** The latest action on this server. */
  actionId: string;
  error: ResourceError | null;
  createdAt: Date;
  updatedAt: Date;
}
