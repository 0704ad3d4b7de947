import type { Context } from "@temporalio/activity";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from "@temporalio/worker";
import type { ActionStep } from "../domain/action.ts";
import { activityOfStep } from "../domain/activity-names.ts";
import { isErrorCode, publicMessage } from "../domain/error-codes.ts";
import { type ActionInput, ENDING_STEPS, STEP_NAMES, stepsOfWorkflow } from "../domain/workflow-contracts.ts";
import type { StepNotes } from "./step-notes.ts";

/** Over all workflows: a step has the same name wherever it runs, and a step that the action does not list is not written. */
const STEP_OF_ACTIVITY = new Map<string, string>(STEP_NAMES.map((step) => [activityOfStep(step), step]));

/** A step that takes no longer is shown when it ends, and not also while it runs: every step on rows, and many on infrastructure. */
const BEGIN_WITHIN_MS = 50;
/** The next steps often end in this time too, and are written together with this one. */
const END_WITHIN_MS = 100;
/** Before the step that ends the action: its own statement would have to wait for this one. */
const LAST_END_WITHIN_MS = 0;

/**
 * Shows on the action row what every activity that is a step is doing: attempt, start, end and last failure. It sits around the activity, because only the
 * activity knows its attempts. An undo has the name of no step of its action, so it writes nothing.
 */
export class StepRecorder implements ActivityInboundCallsInterceptor {
  private readonly context: Context;
  private readonly notes: StepNotes;

  constructor(context: Context, notes: StepNotes) {
    this.context = context;
    this.notes = notes;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">): Promise<unknown> {
    const { activityType, workflowType = "", attempt } = this.context.info;
    const step = STEP_OF_ACTIVITY.get(activityType);
    const action = input.args[0] as ActionInput | undefined;
    if (!step || !action?.actionId) return next(input);

    const { actionId } = action;
    const endsAction = ENDING_STEPS.has(step);
    if (endsAction) void this.notes.flush(actionId);
    const begin: Partial<ActionStep> = { status: "running", attempt, started_at: now(), message: null };
    this.notes.add(actionId, step, begin, BEGIN_WITHIN_MS);
    try {
      const result = await next(input);
      if (endsAction) this.notes.drop(actionId);
      else {
        const withinMs = stepsOfWorkflow(workflowType).at(-2) === step ? LAST_END_WITHIN_MS : END_WITHIN_MS;
        this.notes.add(actionId, step, { ...begin, status: "succeeded", ended_at: now() }, withinMs);
      }
      return result;
    } catch (error) {
      this.notes.add(actionId, step, { ...begin, ...failedStep(error) }, 0);
      await this.notes.flush(actionId);
      throw error;
    }
  }
}

/** A step that will be retried stays running, with the reason of the last failure. One that was stopped has no reason of its own: the action has it. */
function failedStep(error: unknown): Partial<ActionStep> {
  const isStopped = error instanceof CancelledFailure || (error instanceof Error && error.name === "AbortError");
  if (isStopped) return { status: "failed", ended_at: now() };
  const code = error instanceof ApplicationFailure ? error.type : null;
  const message = publicMessage(code && isErrorCode(code) ? code : "internal_error");
  const isFinal = !(error instanceof ApplicationFailure) || error.nonRetryable;
  return isFinal ? { status: "failed", ended_at: now(), message } : { message };
}

function now(): string {
  return new Date().toISOString();
}
