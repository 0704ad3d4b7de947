import type { Context } from "@temporalio/activity";
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from "@temporalio/worker";

/** Far below every heartbeat timeout (activity-options.ts), and above what most of an action's steps take. */
const HOLD_MS = 250;

/**
 * Holds the heartbeats of an activity's first moments back and sends the last of them, or none where the activity has succeeded by then: Temporal stores each in
 * a transaction of its own, which takes as long as a short step. A worker that dies in these moments leaves no details; its successor finds what was
 * begun by looking, as it has to whenever a heartbeat is lost.
 */
export class EarlyHeartbeats implements ActivityInboundCallsInterceptor {
  private readonly context: Context;

  constructor(context: Context) {
    this.context = context;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">): Promise<unknown> {
    const context = this.context as { heartbeat: Context["heartbeat"] };
    const send = context.heartbeat;
    let held: { details: unknown } | null = null;
    const release = () => {
      clearTimeout(timer);
      context.heartbeat = send;
      if (held) send(held.details);
    };
    const timer = setTimeout(release, HOLD_MS);
    context.heartbeat = (details) => {
      held = { details };
    };
    try {
      const result = await next(input);
      clearTimeout(timer);
      return result;
    } catch (error) {
      // What the next attempt goes on from. Once released, there is nothing held.
      if (context.heartbeat !== send) release();
      throw error;
    }
  }
}
