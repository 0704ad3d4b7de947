import type { ErrorCode } from "./error-codes.ts";
import type { ResourceKind } from "./resource.ts";

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

/** The steps of a delete, in the order they run. */
export const DELETE_SERVER_STEPS = [
  "cancel_running_action",
  "stop_instance",
  "delete_instance",
  "detach_ssh_keys",
  "release_capacity",
  "release_ip_address",
  "mark_deleted",
] as const;

/** The workflow of every action, with the steps it runs. */
export const WORKFLOWS = {
  server: {
    create: { workflowType: "createServer", steps: CREATE_SERVER_STEPS },
    delete: { workflowType: "deleteServer", steps: DELETE_SERVER_STEPS },
  },
  database: {},
} as const satisfies Record<ResourceKind, Record<string, { workflowType: string; steps: readonly string[] }>>;

type Workflows = typeof WORKFLOWS;
type ServerActionType = keyof Workflows["server"];
export type ActionType = ServerActionType;

export type StepName = Workflows["server"][ServerActionType]["steps"][number];

/** The workflow of an action. Not every kind has every action. */
export function workflowOf(kind: ResourceKind, type: ActionType): { workflowType: string; steps: readonly StepName[] } {
  const workflows: Partial<Record<string, { workflowType: string; steps: readonly StepName[] }>> = WORKFLOWS[kind];
  const workflow = workflows[type];
  if (!workflow) throw new Error(`BUG: there is no ${type} of a ${kind}`);
  return workflow;
}

/** Names a resource and the action under way on it: the input of every action's workflow and the key of every activity. */
export interface ActionInput {
  resourceId: string;
  resourceKind: ResourceKind;
  actionId: string;
  accountId: string;
  region: string;
  /** Carried into the logs of workflow and activities. */
  requestId: string;
}

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

/** The update a create answers as soon as its address is allocated. */
export const ADDRESS_ALLOCATED_UPDATE = "addressAllocated";

/** Started by a schedule. */
export const SWEEP_WORKFLOW_TYPE = "sweepUnstartedActions";
