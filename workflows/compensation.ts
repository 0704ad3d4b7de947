import { log } from "@temporalio/workflow";
import { assertStepFailure } from "./action-failure.ts";

interface Undo {
  name: string;
  run(): Promise<void>;
}

/**
 * The undos of what a workflow has done so far. Declare an undo before its effect: a step that timed out may have acted, so every undo accepts to find
 * nothing.
 */
export class Compensation {
  private readonly undos: Undo[] = [];

  add(name: string, run: () => Promise<void>): void {
    this.undos.push({ name, run });
  }

  /** Runs the undos newest first; returns the names of those that failed for good. Call it in a non-cancellable scope. */
  async unwind(): Promise<string[]> {
    const leftovers: string[] = [];
    for (const undo of this.undos.splice(0).reverse()) {
      try {
        await undo.run();
      } catch (error) {
        assertStepFailure(error);
        log.error("undo failed", { undo: undo.name, error });
        leftovers.push(undo.name);
      }
    }
    return leftovers;
  }
}
