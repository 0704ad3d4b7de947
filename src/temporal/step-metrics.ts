import type { Context } from "@temporalio/activity";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from "@temporalio/worker";
import type { EndActionInput } from "../domain/activity-contracts.ts";
import { stepOfActivity } from "../domain/activity-names.ts";
import { STOPPED_CODES } from "../domain/error-codes.ts";
import { type ActionInput, actionOfWorkflow, ENDING_STEPS } from "../domain/workflow-contracts.ts";
import type { ActionMetrics, EndedStep } from "../telemetry/action-metrics.ts";

const FAILS = "markFailed";
const SWEEPS = "startUnstartedActions";

/** Counts what the activities of actions do: they themselves know nothing of it. */
class StepMetrics implements ActivityInboundCallsInterceptor {
  private readonly context: Context;
  private readonly metrics: ActionMetrics;

  constructor(context: Context, metrics: ActionMetrics) {
    this.context = context;
    this.metrics = metrics;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">): Promise<unknown> {
    const { activityType } = this.context.info;
    const action = input.args[0] as Partial<ActionInput> | undefined;
    if (!action?.actionId || !action.resourceKind) {
      const result = await next(input);
      if (activityType === SWEEPS && typeof result === "number") this.metrics.findUnstarted(result);
      return result;
    }
    const step = stepOfActivity(activityType);
    const startedAt = performance.now();
    const end = (outcome: EndedStep["outcome"], errorCode: string | null) =>
      this.metrics.endStep({
        resource: action.resourceKind ?? "",
        step,
        outcome,
        seconds: (performance.now() - startedAt) / 1000,
        errorCode,
      });
    try {
      const result = await next(input);
      end("succeeded", null);
      this.countEnd(input, step);
      return result;
    } catch (error) {
      end(...failure(error));
      throw error;
    }
  }

  private countEnd({ args }: ActivityExecuteInput, step: string): void {
    const { activityType, workflowType = "" } = this.context.info;
    const ended = actionOfWorkflow(workflowType);
    if (!ended) return;
    if (ENDING_STEPS.has(step)) this.metrics.endAction({ ...ended, outcome: "succeeded", code: "" });
    if (activityType !== FAILS) return;
    const { code } = (args[0] as EndActionInput).failure;
    this.metrics.endAction({ ...ended, outcome: STOPPED_CODES.has(code) ? "cancelled" : "failed", code });
  }
}

/** Activities throw their codes as the types of failures (activities/failures.ts); anything else is a cancel, or a fault of ours that is tried again. */
function failure(error: unknown): [EndedStep["outcome"], string] {
  if (error instanceof CancelledFailure || (error instanceof Error && error.name === "AbortError")) {
    return ["cancelled", "cancelled"];
  }
  if (!(error instanceof ApplicationFailure)) return ["retried", "internal_error"];
  return [error.nonRetryable ? "failed" : "retried", error.type ?? "internal_error"];
}

export function countSteps(metrics: ActionMetrics): ActivityInterceptorsFactory {
  return (context) => ({ inbound: new StepMetrics(context, metrics) });
}
