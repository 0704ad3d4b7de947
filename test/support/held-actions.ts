import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, failBefore } from "./activity-faults.ts";
import { waitUntil } from "./wait.ts";

/** Holds steps of single actions after their effect until their workflow is lost, and fails others. */
export class HeldActions {
  private readonly holds = new Map<string, string>();
  private readonly failures = new Map<string, string>();
  private readonly held = new Set<string>();
  private next: { workflowType: string; activity: string } | null = null;

  readonly interceptor: ActivityInterceptorsFactory = aroundActivities((activity) => async (run, context) => {
    const { workflowExecution, workflowType } = context.info;
    const resourceId = workflowExecution?.workflowId.split("/")[1] ?? "";
    const is = (of: Map<string, string>) => of.get(resourceId) === activity;
    if (is(this.failures)) return failBefore(run, context);
    if (this.next?.activity === activity && this.next.workflowType === workflowType) {
      this.next = null;
      this.holds.set(resourceId, activity);
    }
    const result = await run();
    if (!is(this.holds)) return result;
    // Once: the workflow that is started anew goes on.
    this.holds.delete(resourceId);
    this.held.add(resourceId);
    const heartbeat = setInterval(() => context.heartbeat(), 200);
    return context.cancelled.finally(() => clearInterval(heartbeat));
  });

  /** Of a resource that is there, and not held yet. */
  holdAfter(step: string, resourceId: string): void {
    this.holds.set(resourceId, activityOfStep(step));
  }

  /** Of the next action of its kind: for creates, which may have passed the step before their id is known. */
  holdNext(step: string, workflowType: string): void {
    this.next = { workflowType, activity: activityOfStep(step) };
  }

  /** For good, from now on. */
  failAt(step: string, resourceId: string): void {
    this.failures.set(resourceId, activityOfStep(step));
  }

  async waitUntilHeld(resourceId: string): Promise<void> {
    await waitUntil(`${resourceId} is held`, () => this.held.has(resourceId));
    this.held.delete(resourceId);
  }
}
