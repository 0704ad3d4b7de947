import type { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from "@temporalio/worker";
import type { ActionStep } from "../domain/action.ts";
import { isErrorCode, publicMessage } from "../domain/error-codes.ts";
import { type ActionInput, type StepName, WORKFLOWS } from "../domain/workflow-contracts.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Writes the progress of a step to its action row; a failure to write must not fail the step. */
export type WriteStep = (actionId: string, stepName: string, change: Partial<ActionStep>) => Promise<void>;

/** Over all workflows: a step has the same name wherever it runs, and a step that the action does not list is not written. */
const STEP_OF_ACTIVITY = new Map<string, string>(
  Object.values(WORKFLOWS)
    .flatMap((workflows) => Object.values<{ steps: readonly StepName[] }>(workflows))
    .flatMap(({ steps }) => steps)
    .map((step) => [step.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), step]),
);
/** These end the action in their own transaction, steps included. */
const ENDS_ACTION = new Set(["mark_active", "mark_suspended", "mark_deleted"]);

/** A step that takes no longer is written once, when it ends, and not also when it begins: every step on rows, and many on infrastructure. */
const NOTE_AFTER_MS = 50;

/**
 * Shows on the action row what every activity that is a step is doing: attempt, start, end and last failure. It sits around the activity, because only the
 * activity knows its attempts. An undo has the name of no step of its action, so it writes nothing.
 */
export class StepRecorder implements ActivityInboundCallsInterceptor {
  private readonly context: Context;
  private readonly write: WriteStep;
  private readonly logger: Logger;

  constructor(context: Context, write: WriteStep, logger: Logger) {
    this.context = context;
    this.write = write;
    this.logger = logger;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">): Promise<unknown> {
    const { activityType, attempt } = this.context.info;
    const step = STEP_OF_ACTIVITY.get(activityType);
    const action = input.args[0] as ActionInput | undefined;
    if (!step || !action?.actionId) return next(input);

    const begin: Partial<ActionStep> = { status: "running", attempt, started_at: now(), message: null };
    const note = new LaterNote(() => this.record(action.actionId, step, begin), NOTE_AFTER_MS);
    if (ENDS_ACTION.has(step)) note.writeNow();
    try {
      const result = await next(input);
      await note.settle();
      if (!ENDS_ACTION.has(step)) {
        await this.record(action.actionId, step, { ...begin, status: "succeeded", ended_at: now() });
      }
      return result;
    } catch (error) {
      await note.settle();
      await this.record(action.actionId, step, { ...begin, ...failedStep(error) });
      throw error;
    }
  }

  private async record(actionId: string, step: string, change: Partial<ActionStep>): Promise<void> {
    try {
      await this.write(actionId, step, change);
    } catch (error) {
      this.logger.warn({ actionId, step, err: error }, "the step's progress could not be written");
    }
  }
}

/** A note that is written after a while, unless it was settled before. The effect does not wait for it. */
class LaterNote {
  private readonly write: () => Promise<void>;
  private readonly timer: NodeJS.Timeout;
  private written: Promise<void> = Promise.resolve();

  constructor(write: () => Promise<void>, afterMs: number) {
    this.write = write;
    this.timer = setTimeout(() => this.writeNow(), afterMs);
  }

  writeNow(): void {
    clearTimeout(this.timer);
    this.written = this.write();
  }

  /** Drops a note that is not under way, and waits for one that is: what is written next comes after it. */
  async settle(): Promise<void> {
    clearTimeout(this.timer);
    await this.written;
  }
}

/** A step that will be retried stays running, with the reason of the last failure. */
function failedStep(error: unknown): Partial<ActionStep> {
  const code = error instanceof ApplicationFailure ? error.type : null;
  const message = publicMessage(code && isErrorCode(code) ? code : "internal_error");
  const isFinal = !(error instanceof ApplicationFailure) || error.nonRetryable;
  return isFinal ? { status: "failed", ended_at: now(), message } : { message };
}

function now(): string {
  return new Date().toISOString();
}
