import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from "@temporalio/client";
import { ApplicationFailure, type Workflow } from "@temporalio/common";
import { DomainError } from "../domain/domain-error.ts";
import { isErrorCode } from "../domain/error-codes.ts";
import { workflowTaskQueue } from "../domain/task-queues.ts";
import {
  ADDRESS_ALLOCATED_UPDATE,
  type AddressAllocated,
  AUDIT_WORKFLOW_TYPE,
  type AuditInput,
  workflowOf,
} from "../domain/workflow-contracts.ts";
import type { ActionToStart, WorkflowControl } from "../domain/workflow-control.ts";
import { auditWorkflowId, workflowId } from "../domain/workflow-ids.ts";
import { searchAttributesOf } from "./search-attributes.ts";

/** How long a POST waits for its address before it answers without one. */
const FIRST_ANSWER_TIMEOUT_MS = 3_000;
/** A start that hangs is given up: the sweep will find the row. */
const START_TIMEOUT_MS = 5_000;
/** A worker that died in the middle of a workflow task is noticed after this, not after the default of 10 s. */
const WORKFLOW_TASK_TIMEOUT = "5s";

/** Drives workflows from outside, through a Temporal client. */
export function temporalWorkflowControl(client: Client, taskQueuePrefix: string): WorkflowControl {
  const startOptions = (action: ActionToStart) => ({
    workflowId: workflowId(action),
    taskQueue: workflowTaskQueue(taskQueuePrefix),
    args: [action.input],
    workflowIdReusePolicy: "REJECT_DUPLICATE" as const,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
    typedSearchAttributes: searchAttributesOf(action.input),
    staticSummary: `${action.type} ${action.input.resourceKind} ${action.input.resourceId} in ${action.input.region}`,
  });
  const workflowTypeOf = ({ type, input }: ActionToStart) => workflowOf(input.resourceKind, type).workflowType;

  const start = async (action: ActionToStart) => {
    try {
      await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
        client.workflow.start(workflowTypeOf(action), startOptions(action)),
      );
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };

  return {
    start,

    async cancel(action) {
      try {
        await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
          client.workflow.getHandle(workflowId(action)).cancel(),
        );
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
        return await client.withDeadline(Date.now() + FIRST_ANSWER_TIMEOUT_MS, () =>
          client.workflow.executeUpdateWithStart<Workflow, AddressAllocated, []>(ADDRESS_ALLOCATED_UPDATE, {
            startWorkflowOperation: startOperation,
            updateId: action.input.actionId,
          }),
        );
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throwRefusal(error);
        // Too slow, away, cancelled, or the create had ended before: the row tells the rest.
        return null;
      }
    },

    async stateOf(action) {
      try {
        const { status } = await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
          client.workflow.getHandle(workflowId(action)).describe(),
        );
        return status.name === "RUNNING" ? "running" : "ended";
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return "absent";
        throw error;
      }
    },

    async startAudit(auditId) {
      const input: AuditInput = { auditId };
      try {
        await client.withDeadline(Date.now() + START_TIMEOUT_MS, () =>
          client.workflow.start(AUDIT_WORKFLOW_TYPE, {
            workflowId: auditWorkflowId(auditId),
            taskQueue: workflowTaskQueue(taskQueuePrefix),
            args: [input],
            workflowIdReusePolicy: "REJECT_DUPLICATE",
            workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
          }),
        );
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },

    async cancelAndWait(action, signal) {
      const handle = client.workflow.getHandle(workflowId(action));
      try {
        await client.withAbortSignal(signal, async () => {
          await handle.cancel();
          await handle.result();
        });
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return (await exists(handle)) ? "ended" : "absent";
        if (!(error instanceof WorkflowFailedError)) throw error;
      }
      return "ended";
    },
  };
}

/** Cancelling a workflow that has just ended answers like one that never was. */
async function exists(handle: { describe(): Promise<unknown> }): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

function throwRefusal(error: WorkflowUpdateFailedError): void {
  const { cause } = error;
  if (cause instanceof ApplicationFailure && cause.type && isErrorCode(cause.type)) {
    throw new DomainError(cause.type, { internal: cause.message, cause: error });
  }
}
