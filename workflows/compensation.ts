import { log } from "@temporalio/workflow";
import { assertStepFailure } from "./action-failure.ts";

interface Undo {
  name: string;
  run: () => Promise<void>;
  /** The undo that has to succeed before this one may run: what is still in use is not given back. */
  needs: string | null;
}

/**
 * The undos of what a workflow has done so far. Declare an undo before its effect: a step that timed out may have acted, so every undo accepts to find
 * nothing.
 */
export class Compensation {
  private readonly undos: Undo[] = [];

  /** One that is declared already keeps its place. */
  add(name: string, run: () => Promise<void>, { needs = null }: { needs?: string | null } = {}): void {
    if (this.undos.some((undo) => undo.name === name)) return;
    this.undos.push({ name, run, needs });
  }

  /** Runs the undos newest first; returns the names of those that failed for good, and of those that had to wait for one of them. Call it in a non-cancellable scope. */
  async unwind(): Promise<string[]> {
    const leftovers: string[] = [];
    for (const undo of this.undos.splice(0).reverse()) {
      if (undo.needs !== null && leftovers.includes(undo.needs)) {
        leftovers.push(undo.name);
        continue;
      }
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
