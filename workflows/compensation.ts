import { log, patched } from "@temporalio/workflow";
import { assertStepFailure } from "./action-failure.ts";

interface Undo {
  name: string;
  run: () => Promise<void>;
  /** The undo that has to succeed before this one may run: what is still in use is not given back. */
  needs: string | null;
  /** Whether its step has not begun. */
  isAhead: boolean;
}

type Options = Partial<Pick<Undo, "needs">>;

/** What the instance uses is given back only after the instance is gone. */
export const AFTER_INSTANCE: Options = { needs: "delete_instance" };

/**
 * The undos of what a workflow has done so far. Declare an undo before its effect: a step that timed out may have acted, so every undo accepts to find
 * nothing.
 */
export class Compensation {
  private readonly undos: Undo[] = [];

  /** One that is declared already keeps its place. */
  add(name: string, run: Undo["run"], options: Options = {}): void {
    const declared = this.undos.find((undo) => undo.name === name);
    if (declared) declared.isAhead = false;
    else this.undos.push({ name, run, needs: null, ...options, isAhead: false });
  }

  /**
   * The undo of a later step of the same workflow task. Steps on rows that follow one another are one task. If its worker dies, Temporal knows of none of them, and they
   * are done again, unless there is a cancel by then: it meets the first of them, and the others have their effects all the same.
   */
  addAhead(name: string, run: Undo["run"], options: Options = {}): void {
    if (this.undos.some((undo) => undo.name === name)) return;
    this.undos.push({ name, run, needs: null, ...options, isAhead: true });
  }

  /** Runs the undos newest first; returns the names of those that failed for good, and of those that had to wait for one of them. Call it in a non-cancellable scope. */
  async unwind(): Promise<string[]> {
    const leftovers: string[] = [];
    for (const undo of this.undos.splice(0).reverse()) {
      // Workflows that failed without it replay without it.
      if (undo.isAhead && !patched("undo-ahead")) continue;
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
