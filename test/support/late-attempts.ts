import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { aroundActivities, failBefore } from "./activity-faults.ts";
import { waitUntil } from "./wait.ts";

interface Plan {
  activity: string;
  isHeld: boolean;
  hasEnded: boolean;
  letGo: () => void;
}

/**
 * First creates that fail in a step, and of each of them one undo whose first attempt outlives its workflow: it does nothing, not even heartbeat, until it is
 * let go, and then runs whatever has happened since. Later attempts and later creates run as they are.
 */
export class LateAttempts {
  private readonly plans = new Map<string, Plan>();

  /** `failing`: the activities of the steps in which first creates fail. */
  interceptor(failing: string[]): ActivityInterceptorsFactory {
    return aroundActivities((activity) => async (run, context) => {
      const [workflow, resourceId = "", count] = context.info.workflowExecution?.workflowId.split("/") ?? [];
      if (!workflow?.startsWith("create-") || count !== "1") return run();
      if (failing.includes(activity)) {
        await waitUntil(`it is known what is late of ${resourceId}`, () => this.plans.has(resourceId));
        return failBefore(run, context);
      }
      const plan = this.plans.get(resourceId);
      if (plan?.activity !== activity || plan.isHeld) return run();
      plan.isHeld = true;
      // As in a process that was stopped: nobody has told it that it was given up.
      Object.defineProperty(context, "cancellationSignal", { value: new AbortController().signal });
      await new Promise<void>((resolve) => (plan.letGo = resolve));
      return run().finally(() => (plan.hasEnded = true));
    });
  }

  plan(resourceId: string, activity: string): void {
    this.plans.set(resourceId, { activity, isHeld: false, hasEnded: false, letGo: () => undefined });
  }

  /** The late attempt goes on, to its end, whatever that is. */
  async letGo(resourceId: string): Promise<void> {
    const plan = this.plans.get(resourceId);
    if (!plan?.isHeld) throw new Error(`nothing of ${resourceId} is held`);
    plan.letGo();
    await waitUntil(`${plan.activity} of ${resourceId} has ended`, () => plan.hasEnded);
  }
}
