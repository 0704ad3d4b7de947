import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
  WorkflowUpdateFailedError,
} from "@temporalio/client";
import { ApplicationFailure, type Workflow } from "@temporalio/common";
import { type DeadlineSeconds, TIME_LIMITS_MEMO, timeLimitsOf } from "../domain/action-deadlines.ts";
import { DomainError } from "../domain/domain-error.ts";
import { isErrorCode } from "../domain/error-codes.ts";
import { GATE_OPENED_SIGNAL } from "../domain/hold.ts";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import {
  ADDRESS_ALLOCATED_UPDATE,
  type AddressAllocated,
  AUDIT_WORKFLOW_TYPE,
  type AuditInput,
  OPEN_GATES_WORKFLOW_TYPE,
  RETRY_WORKFLOW_TYPE,
  workflowOf,
} from "../domain/workflow-contracts.ts";
import type { ActionToStart, WorkflowControl } from "../domain/workflow-control.ts";
import { auditWorkflowId, openGatesWorkflowId, retryWorkflowId, workflowId } from "../domain/workflow-ids.ts";
import { pendingSteps } from "./pending-steps.ts";
import { searchAttributesOf } from "./search-attributes.ts";

/** A worker that died in the middle of a workflow task is noticed after this, not after the default of 10 s. */
const WORKFLOW_TASK_TIMEOUT = "5s";

/** Drives workflows from outside, through a Temporal client. */
export function temporalWorkflowControl(
  client: Client,
  taskQueuePrefix: string,
  deadlineSeconds: DeadlineSeconds,
): WorkflowControl {
  const common = {
    taskQueue: workflowTaskQueue(taskQueuePrefix),
    workflowIdReusePolicy: "REJECT_DUPLICATE" as const,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
  };
  const startOptions = (action: ActionToStart) => ({
    ...common,
    workflowId: workflowIdOf(action),
    args: [action.input],
    memo: { [TIME_LIMITS_MEMO]: timeLimitsOf(action.type, deadlineSeconds) },
    typedSearchAttributes: searchAttributesOf(action),
    staticSummary: `${action.type} ${action.input.resourceKind} ${action.input.resourceId} in ${action.input.region}`,
  });
  const workflowTypeOf = ({ type, input }: ActionToStart) => workflowOf(input.resourceKind, type).workflowType;

  /** One that is there already is success. */
  const startOnce = async (workflowType: string, options: WorkflowStartOptions) => {
    try {
      await client.workflow.start(workflowType, options);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
  const start = (action: ActionToStart) => startOnce(workflowTypeOf(action), startOptions(action));

  return {
    start,

    async cancel(action) {
      try {
        await client.workflow.getHandle(workflowIdOf(action)).cancel();
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        await start(action);
      }
    },

    async startCreate(action) {
      const startOperation = new WithStartWorkflowOperation(workflowTypeOf(action), {
        ...startOptions(action),
        workflowIdConflictPolicy: "USE_EXISTING",
      });
      try {
        return await client.workflow.executeUpdateWithStart<Workflow, AddressAllocated, []>(ADDRESS_ALLOCATED_UPDATE, {
          startWorkflowOperation: startOperation,
          updateId: action.input.actionId,
        });
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throwRefusal(error);
        // Too slow, away, cancelled, or the create had ended before: the row tells the rest.
        return null;
      }
    },

    listRunning: () => runningWorkflowIds(client, common.taskQueue),

    stateOf: (action) => stateOf(client.workflow.getHandle(workflowIdOf(action))),

    async pendingSteps(action) {
      try {
        return await pendingSteps(client, workflowIdOf(action));
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [];
        throw error;
      }
    },

    async startAudit(auditId) {
      const input: AuditInput = { auditId };
      await startOnce(AUDIT_WORKFLOW_TYPE, { ...common, workflowId: auditWorkflowId(auditId), args: [input] });
    },

    startRetry: (input) =>
      startOnce(RETRY_WORKFLOW_TYPE, { ...common, workflowId: retryWorkflowId(input.retryId), args: [input] }),

    startOpeningGates: (holdId) =>
      startOnce(OPEN_GATES_WORKFLOW_TYPE, { ...common, workflowId: openGatesWorkflowId(holdId), args: [] }),

    async openGate(action, holdId) {
      try {
        await client.workflow.getHandle(workflowIdOf(action)).signal(GATE_OPENED_SIGNAL, holdId);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },

    async cancelAndWait(action, signal) {
      const handle = client.workflow.getHandle(workflowIdOf(action));
      try {
        await client.withAbortSignal(signal, async () => {
          await handle.cancel();
          await handle.result();
        });
      } catch (error) {
        // Cancelling a workflow that has just ended answers like one that never was.
        if (error instanceof WorkflowNotFoundError) return (await stateOf(handle)) === "absent" ? "absent" : "ended";
        if (!(error instanceof WorkflowFailedError)) throw error;
      }
      return "ended";
    },
  };
}

function workflowIdOf({ type, attempt, input }: ActionToStart): string {
  return workflowId({ type, attempt, ...input });
}

/** From Temporal's index, which follows the workflows a moment later: read as it is, since decoding thousands takes longer than listing them. */
async function runningWorkflowIds(client: Client, taskQueue: string): Promise<Set<string>> {
  const { namespace } = client.options;
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const ids = new Set<string>();
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({
      namespace,
      query,
      pageSize: 1_000,
      nextPageToken,
    });
    for (const { execution } of page.executions) if (execution?.workflowId) ids.add(execution.workflowId);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return ids;
}

async function stateOf(handle: WorkflowHandle): Promise<"running" | "ended" | "absent"> {
  try {
    return (await handle.describe()).status.name === "RUNNING" ? "running" : "ended";
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return "absent";
    throw error;
  }
}

function throwRefusal(error: WorkflowUpdateFailedError): void {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type && isErrorCode(cause.type)) {
    throw new DomainError(cause.type, { internal: cause.message, cause: error });
  }
}
