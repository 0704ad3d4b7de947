import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, failBefore, stayAlive } from "./activity-faults.ts";
import { waitUntil } from "./wait.ts";

/** Holds steps of single actions after their effect, until their workflow is lost or all are released, and fails others. */
export class HeldActions {
  private readonly holds = new Map<string, string>();
  private readonly failures = new Map<string, string>();
  private readonly held = new Set<string>();
  private letGo: () => void = () => undefined;
  private released = new Promise<void>((resolve) => (this.letGo = resolve));
  private readonly everyAttempt: boolean;
  /** Attempts that failed, whatever the reason. */
  failed = 0;
  private next: { workflowType: string; activity: string; before: ReadonlySet<string> } | null = null;
  /** Of which an activity has begun. */
  private readonly seen = new Set<string>();

  /** `everyAttempt`: also the next one of a step that was given up meanwhile, until all are released. */
  constructor({ everyAttempt = false } = {}) {
    this.everyAttempt = everyAttempt;
  }

  readonly interceptor: ActivityInterceptorsFactory = aroundActivities((activity) => async (run, context) => {
    const { workflowExecution, workflowType } = context.info;
    const resourceId = workflowExecution?.workflowId.split("/")[1] ?? "";
    if (this.failures.get(resourceId) === activity) return failBefore(run, context);
    this.recogniseNext(activity, resourceId, workflowType);
    const result = await run().catch((error: unknown) => {
      this.failed++;
      throw error;
    });
    if (!this.takes(activity, resourceId, workflowType)) return result;
    this.held.add(resourceId);
    return stayAlive(
      context,
      this.released.then(() => result),
    );
  });

  /** Whether this activity of the resource is to be held. Once, where not every attempt is: the workflow that is started anew goes on. */
  takes(activity: string, resourceId: string, workflowType: string | undefined): boolean {
    this.recogniseNext(activity, resourceId, workflowType);
    if (this.holds.get(resourceId) !== activity) return false;
    if (!this.everyAttempt) this.holds.delete(resourceId);
    return true;
  }

  /** Of a resource that is there, and not held yet. */
  holdAfter(step: string, resourceId: string): void {
    this.holds.set(resourceId, activityOfStep(step));
  }

  /** Of the next action of its kind: for creates, which may have passed the step before their id is known. Those that are under way already come to the same step, too, and are not meant. */
  holdNext(step: string, workflowType: string): void {
    this.next = { workflowType, activity: activityOfStep(step), before: new Set(this.seen) };
  }

  /** For good, from now on. */
  failAt(step: string, resourceId: string): void {
    this.failures.set(resourceId, activityOfStep(step));
  }

  /** What is held goes on, and what comes later is held anew. */
  releaseAll(): void {
    this.holds.clear();
    this.letGo();
    this.released = new Promise<void>((resolve) => (this.letGo = resolve));
  }

  private recogniseNext(activity: string, resourceId: string, workflowType: string | undefined): void {
    this.seen.add(resourceId);
    if (this.next?.activity !== activity || this.next.workflowType !== workflowType) return;
    if (this.next.before.has(resourceId)) return;
    this.next = null;
    this.holds.set(resourceId, activity);
  }

  async waitUntilHeld(resourceId: string): Promise<void> {
    await waitUntil(`${resourceId} is held`, () => this.held.has(resourceId));
    this.held.delete(resourceId);
  }
}
