import { ApplicationFailure, CancellationScope, isCancellation, sleep, workflowInfo } from "@temporalio/workflow";
import { TIME_LIMITS_MEMO, type TimeLimits } from "../src/domain/action-deadlines.ts";
import type { ErrorCode } from "../src/domain/error-codes.ts";

const CODE: ErrorCode = "deadline_exceeded";

/** Null: the workflow was started by a build that knew no deadlines, and replays without a timer. */
export function timeLimits(): TimeLimits | null {
  return (workflowInfo().memo?.[TIME_LIMITS_MEMO] as TimeLimits | undefined) ?? null;
}

/**
 * Runs the steps of an action, and cancels the one that is under way when the action's time is over. A cancelled step is waited for, which a timeout of the step would not be:
 * an undo never runs beside its effect.
 */
export async function withinDeadline(steps: () => Promise<void>): Promise<void> {
  const limits = timeLimits();
  if (limits === null) return steps();
  const work = new CancellationScope();
  const clock = new CancellationScope();
  const time = { isOver: false };
  const stop = () => {
    time.isOver = true;
    work.cancel();
  };
  void clock.run(() => sleep(limits.actionSeconds * 1_000)).then(stop, () => undefined);
  try {
    await work.run(steps);
  } catch (error) {
    throw time.isOver && isCancellation(error) ? deadlineFailure(error) : error;
  } finally {
    clock.cancel();
  }
}

function deadlineFailure(cancellation: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message: "the deadline of the action has passed",
    type: CODE,
    nonRetryable: true,
    cause: cancellation as Error,
  });
}
