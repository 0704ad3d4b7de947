import type { ErrorCode } from "./error-codes.ts";

/** What travels between the API, the workflows and the activities. Plain data: it is stored in workflow history, so no secret belongs here. */

/** The steps of a create, in the order they run. The action row lists them from the first moment; the unwind tests are generated from them. */
export const CREATE_SERVER_STEPS = [
  "allocate_ip_address",
  "reserve_capacity",
  "resolve_image",
  "attach_ssh_keys",
  "create_instance",
  "start_instance",
  "wait_for_ssh",
  "mark_active",
] as const;
export type CreateServerStep = (typeof CREATE_SERVER_STEPS)[number];

/** The steps of a delete, in the order they run. */
export const DELETE_SERVER_STEPS = [
  "cancel_create",
  "stop_instance",
  "delete_instance",
  "detach_ssh_keys",
  "release_capacity",
  "release_ip_address",
  "mark_deleted",
] as const;
export type DeleteServerStep = (typeof DELETE_SERVER_STEPS)[number];

export type StepName = CreateServerStep | DeleteServerStep;

/** Names a server and the action under way on it: the input of every server workflow and the key of every activity. */
export interface ServerActionInput {
  serverId: string;
  actionId: string;
  accountId: string;
  region: string;
  /** Carried into the logs of workflow and activities. */
  requestId: string;
}

export interface CreateServerInput extends ServerActionInput {
  image: string;
}

export type DeleteServerInput = ServerActionInput;

/** Answer of the update that starts a create. */
export interface AddressAllocated {
  ipv4: string;
}

/** How an action failed, as it is written on action and resource. */
export interface ActionFailure {
  code: ErrorCode;
  message: string;
  step: string | null;
  retryable: boolean;
  /** Undos that did not succeed, by name: what the operator has to look at. Empty when everything was released. */
  leftovers: string[];
}

export const WORKFLOW_TYPES = {
  createServer: "createServer",
  deleteServer: "deleteServer",
  sweepUnstartedActions: "sweepUnstartedActions",
} as const;

/** The update a create answers as soon as its address is allocated. */
export const ADDRESS_ALLOCATED_UPDATE = "addressAllocated";

export type ActionType = "create" | "delete";
