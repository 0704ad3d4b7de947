import type { Context } from "@temporalio/activity";
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  ActivityOutboundCallsInterceptor,
  GetLogAttributesInput,
  Next,
} from "@temporalio/worker";
import { type LogIds, logIds } from "../domain/log-ids.ts";

/** Every log line of an activity carries the ids of its action, and each step and undo that succeeds is a line; one that fails is logged by the SDK, with its reason. */
class StepLog implements ActivityInboundCallsInterceptor, ActivityOutboundCallsInterceptor {
  private readonly context: Context;
  private ids: LogIds | null = null;

  constructor(context: Context) {
    this.context = context;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">): Promise<unknown> {
    const startedAt = performance.now();
    this.ids = logIds(input.args[0]);
    const result = await next(input);
    if (this.ids) this.context.log.info("step succeeded", { durationMs: Math.round(performance.now() - startedAt) });
    return result;
  }

  /** Without the task token: whoever has it can end the activity. */
  getLogAttributes(
    input: GetLogAttributesInput,
    next: Next<ActivityOutboundCallsInterceptor, "getLogAttributes">,
  ): Record<string, unknown> {
    const { taskToken: _, ...attributes } = input;
    return next({ ...attributes, ...this.ids });
  }
}

export const logSteps: ActivityInterceptorsFactory = (context) => {
  const stepLog = new StepLog(context);
  return { inbound: stepLog, outbound: stepLog };
};
