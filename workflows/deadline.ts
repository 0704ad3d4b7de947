import { ApplicationFailure, CancellationScope, sleep, workflowInfo } from "@temporalio/workflow";
import { TIME_LIMITS_MEMO, type TimeLimits } from "../src/domain/action-deadlines.ts";
import type { ErrorCode } from "../src/domain/error-codes.ts";
import { wasCancelled } from "./action-failure.ts";

const CODE: ErrorCode = "deadline_exceeded";

/** Null: the workflow was started by a build that knew no deadlines, and replays without a timer. */
export function timeLimits(): TimeLimits | null {
  return (workflowInfo().memo?.[TIME_LIMITS_MEMO] as TimeLimits | undefined) ?? null;
}

/** What runs in it is cancelled when its time is over. */
class TimedScope extends CancellationScope {
  isTimeOver = false;
  private leftMs: number;
  private clock: { startedAt: number; scope: CancellationScope } | null = null;

  constructor(leftMs: number) {
    super();
    this.leftMs = leftMs;
  }

  startClock(): void {
    const scope = new CancellationScope();
    this.clock = { startedAt: Date.now(), scope };
    const stop = () => {
      this.isTimeOver = true;
      this.cancel();
    };
    void scope.run(() => sleep(this.leftMs, { summary: "deadline of the action" })).then(stop, () => undefined);
  }

  stopClock(): void {
    if (!this.clock) return;
    this.leftMs -= Date.now() - this.clock.startedAt;
    this.clock.scope.cancel();
    this.clock = null;
  }
}

/**
 * Runs the steps of an action, and cancels the one that is under way when the action's time is over. A cancelled step is waited for, which a timeout of the step would not be:
 * an undo never runs beside its effect.
 */
export async function withinDeadline(steps: () => Promise<void>): Promise<void> {
  const limits = timeLimits();
  if (limits === null) return steps();
  const work = new TimedScope(limits.actionSeconds * 1_000);
  work.startClock();
  try {
    await work.run(steps);
  } catch (error) {
    throw work.isTimeOver && wasCancelled(error) ? deadlineFailure(error) : error;
  } finally {
    work.stopClock();
  }
}

/** A wait that an operator asked for takes nothing of the action's time. */
export async function offTheClock<T>(wait: () => Promise<T>): Promise<T> {
  let scope: CancellationScope | undefined = CancellationScope.current();
  while (scope && !(scope instanceof TimedScope)) scope = scope.parent;
  scope?.stopClock();
  try {
    return await wait();
  } finally {
    scope?.startClock();
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
