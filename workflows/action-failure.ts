import { RetryState } from "@temporalio/common";
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TemporalFailure,
  TimeoutFailure,
} from "@temporalio/workflow";
import { ERROR_CODES, type ErrorCode, isErrorCode, publicMessage } from "../src/domain/error-codes.ts";
import type { ActionFailure, StepName } from "../src/domain/workflow-contracts.ts";

/** Throws on what is no failure of a step but a bug of the workflow: Temporal then retries the task, and a fixed worker goes on where it stood. */
export function assertStepFailure(error: unknown): asserts error is TemporalFailure {
  if (!(error instanceof TemporalFailure)) throw error;
}

/** The step ended since it was cancelled. So did one whose attempt failed before it noticed, with what would have been tried again otherwise. */
export function wasCancelled(error: unknown): boolean {
  if (isCancellation(error)) return true;
  if (!(error instanceof ActivityFailure) || error.retryState !== RetryState.CANCEL_REQUESTED) return false;
  return !(error.cause instanceof ApplicationFailure && error.cause.nonRetryable);
}

/** A step's failure as customers and operators see it. */
export function actionFailure(error: TemporalFailure, step: StepName, leftovers: string[]): ActionFailure {
  const code = codeOf(error);
  return { code, message: publicMessage(code), step, retryable: ERROR_CODES[code].retryable, leftovers };
}

/** How the workflow itself ends: failed under the action's code, or cancelled. */
export function workflowFailure(error: TemporalFailure, failure: ActionFailure): TemporalFailure {
  if (isCancellation(error)) return error;
  if (wasCancelled(error)) return new CancelledFailure(failure.message, [], error);
  return ApplicationFailure.create({
    message: `${failure.step}: ${failure.message}`,
    type: failure.code,
    nonRetryable: true,
    cause: error,
  });
}

function codeOf(error: TemporalFailure): ErrorCode {
  if (wasCancelled(error)) return "cancelled";
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.type && isErrorCode(cause.type)) return cause.type;
  if (cause instanceof TimeoutFailure) return "infrastructure_unavailable";
  return "internal_error";
}
