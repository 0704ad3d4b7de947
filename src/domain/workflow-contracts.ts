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

/** How it was before is looked at first: an undo puts it back to that, whatever the rows say. */
export const START_SERVER_STEPS = ["look_at_instance", "start_instance", "mark_running"] as const;

export const STOP_SERVER_STEPS = ["look_at_instance", "shut_down_instance", "mark_stopped"] as const;

export const REBOOT_SERVER_STEPS = [
  "look_at_instance",
  "shut_down_instance",
  "start_instance",
  "mark_running",
] as const;

export const SUSPEND_SERVER_STEPS = ["look_at_instance", "shut_down_instance", "mark_suspended"] as const;

export const RESUME_SERVER_STEPS = ["look_at_instance", "start_instance", "mark_active"] as const;

export const RESIZE_SERVER_STEPS = ["look_at_instance", "claim_capacity", "resize_instance", "mark_resized"] as const;

/** From `rebuild_instance` on the old disk is gone. */
export const REBUILD_SERVER_STEPS = [
  "look_at_instance",
  "resolve_new_image",
  "shut_down_instance",
  "rebuild_instance",
  "start_instance",
  "wait_for_ssh",
  "mark_rebuilt",
] as const;

/** What the instance uses is there before it, and goes after it: rules on the network too, so that it is never open to more than it should be. */
export const CREATE_DATABASE_STEPS = [
  "allocate_ip_address",
  "reserve_capacity",
  "resolve_image",
  "generate_credentials",
  "issue_certificate",
  "create_volume",
  "restrict_access",
  "create_instance",
  "configure_instance",
  "start_instance",
  "set_up_engine",
  "verify_engine",
  "mark_active",
] as const;

export const DELETE_DATABASE_STEPS = [
  "cancel_running_action",
  "stop_instance",
  "delete_instance",
  "delete_volume",
  "remove_access_rules",
  "discard_certificate",
  "forget_credentials",
  "release_capacity",
  "release_ip_address",
  "mark_deleted",
] as const;

export const RESTART_DATABASE_STEPS = ["shut_down_instance", "start_instance", "verify_engine", "mark_active"] as const;

export const SUSPEND_DATABASE_STEPS = ["shut_down_instance", "mark_suspended"] as const;

export const RESUME_DATABASE_STEPS = ["start_instance", "verify_engine", "mark_active"] as const;

export const ROTATE_CREDENTIALS_STEPS = [
  "generate_password",
  "add_password",
  "verify_password",
  "store_password",
  "drop_password",
  "mark_active",
] as const;

export const UPDATE_TRUSTED_SOURCES_STEPS = ["restrict_access", "apply_trusted_sources", "mark_active"] as const;

/** The workflow of every action, with the steps it runs. */
export const WORKFLOWS = {
  server: {
    create: { workflowType: "createServer", steps: CREATE_SERVER_STEPS },
    delete: { workflowType: "deleteServer", steps: DELETE_SERVER_STEPS },
    start: { workflowType: "startServer", steps: START_SERVER_STEPS },
    stop: { workflowType: "stopServer", steps: STOP_SERVER_STEPS },
    reboot: { workflowType: "rebootServer", steps: REBOOT_SERVER_STEPS },
    suspend: { workflowType: "suspendServer", steps: SUSPEND_SERVER_STEPS },
    resume: { workflowType: "resumeServer", steps: RESUME_SERVER_STEPS },
    resize: { workflowType: "resizeServer", steps: RESIZE_SERVER_STEPS },
    rebuild: { workflowType: "rebuildServer", steps: REBUILD_SERVER_STEPS },
  },
  database: {
    create: { workflowType: "createDatabase", steps: CREATE_DATABASE_STEPS },
    delete: { workflowType: "deleteDatabase", steps: DELETE_DATABASE_STEPS },
    restart: { workflowType: "restartDatabase", steps: RESTART_DATABASE_STEPS },
    suspend: { workflowType: "suspendDatabase", steps: SUSPEND_DATABASE_STEPS },
    resume: { workflowType: "resumeDatabase", steps: RESUME_DATABASE_STEPS },
    rotate_credentials: { workflowType: "rotateCredentials", steps: ROTATE_CREDENTIALS_STEPS },
    update_trusted_sources: { workflowType: "updateTrustedSources", steps: UPDATE_TRUSTED_SOURCES_STEPS },
  },
} as const satisfies Record<ResourceKind, Record<string, { workflowType: string; steps: readonly string[] }>>;

type Workflows = typeof WORKFLOWS;
type ServerActionType = keyof Workflows["server"];
type DatabaseActionType = keyof Workflows["database"];
export type ActionType = ServerActionType | DatabaseActionType;
export const ACTION_TYPES = [
  ...new Set(Object.values(WORKFLOWS).flatMap((actions) => Object.keys(actions))),
] as readonly ActionType[];

export type StepName =
  | Workflows["server"][ServerActionType]["steps"][number]
  | Workflows["database"][DatabaseActionType]["steps"][number];

const STEPS_OF_WORKFLOWS = new Map(
  Object.values(WORKFLOWS)
    .flatMap((actions) => Object.values<{ workflowType: string; steps: readonly StepName[] }>(actions))
    .map(({ workflowType, steps }) => [workflowType, steps]),
);

/** Over all workflows. */
export const STEP_NAMES: readonly StepName[] = [...new Set([...STEPS_OF_WORKFLOWS.values()].flat())];

/** The last of every workflow: they end the action in their own transaction, steps included. */
export const ENDING_STEPS: ReadonlySet<string> = new Set(
  [...STEPS_OF_WORKFLOWS.values()].flatMap((steps) => steps.slice(-1)),
);

/** The workflow of an action. Not every kind has every action. */
export function workflowOf(kind: ResourceKind, type: ActionType): { workflowType: string; steps: readonly StepName[] } {
  const workflows: Partial<Record<string, { workflowType: string; steps: readonly StepName[] }>> = WORKFLOWS[kind];
  const workflow = workflows[type];
  if (!workflow) throw new Error(`BUG: there is no ${type} of a ${kind}`);
  return workflow;
}

/** What a workflow type is the action of; null for those that schedules start. */
export function actionOfWorkflow(workflowType: string): { resource: string; type: string } | null {
  return ACTIONS_OF_WORKFLOWS.get(workflowType) ?? null;
}

/** The steps of a workflow type, in the order they run; none of those that schedules start. */
export function stepsOfWorkflow(workflowType: string): readonly StepName[] {
  return STEPS_OF_WORKFLOWS.get(workflowType) ?? [];
}

const ACTIONS_OF_WORKFLOWS = new Map(
  Object.entries(WORKFLOWS).flatMap(([resource, actions]) =>
    Object.entries<{ workflowType: string }>(actions).map(([type, { workflowType }]) => [
      workflowType,
      { resource, type },
    ]),
  ),
);

/** Names a resource and the action under way on it: the input of every action's workflow and the key of every activity. */
export interface ActionInput {
  resourceId: string;
  resourceKind: ResourceKind;
  actionId: string;
  accountId: string;
  region: string;
  /** Carried into the logs of workflow and activities. */
  requestId: string;
  /** Set where an earlier workflow of the action was lost with Temporal: it may have had any of the effects. */
  isAgain?: true;
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

/** Started by schedules. */
export const SWEEP_WORKFLOW_TYPE = "sweepUnstartedActions";
export const SYNC_ENGINES_WORKFLOW_TYPE = "syncDatabaseEngines";
/** By a schedule, or when an operator asks. */
export const AUDIT_WORKFLOW_TYPE = "audit";
/** When an operator asks. */
export const RETRY_WORKFLOW_TYPE = "retryFailedCreates";
/** When an operator releases a hold. */
export const OPEN_GATES_WORKFLOW_TYPE = "openGates";

/** The input of an audit that was asked for; the schedule's has none. */
export interface AuditInput {
  auditId: string;
}

/** The input of what is done for a region as a whole. */
export interface RegionInput {
  region: string;
}
