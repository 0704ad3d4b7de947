import type { ActivityInterceptorsFactory } from "@temporalio/worker";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { aroundActivities, stayAlive } from "./activity-faults.ts";
import { waitUntil } from "./wait.ts";

/** Holds a step after its effect, until it is released or cancelled. */
export class HeldActivity {
  private activity = "";
  private isHeld = false;
  private letGo: () => void = () => undefined;

  readonly interceptor: ActivityInterceptorsFactory = aroundActivities((activity) =>
    activity === this.activity
      ? async (run, context) => {
          const result = await run();
          this.isHeld = true;
          const released = new Promise<void>((resolve) => (this.letGo = resolve));
          await stayAlive(context, released);
          return result;
        }
      : undefined,
  );

  hold(step: string): void {
    this.isHeld = false;
    this.activity = activityOfStep(step);
  }

  async waitUntilHeld(): Promise<void> {
    await waitUntil(`${this.activity} is held`, () => this.isHeld);
  }

  /** What is held now goes on. */
  release(): void {
    this.letGo();
  }

  /** Nothing is held from now on. */
  stopHolding(): void {
    this.activity = "";
  }
}
