import { defineSearchAttributeKey } from "@temporalio/common";
import { CancellationScope, patched, setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";
import { stepInWords } from "../src/domain/activity-names.ts";
import { SEARCH_ATTRIBUTES } from "../src/domain/search-attributes.ts";
import type { ActionFailure, ActionInput, StepName } from "../src/domain/workflow-contracts.ts";
import { actionFailure, assertStepFailure, workflowFailure } from "./action-failure.ts";
import { persistentStore } from "./activity-options.ts";
import { Compensation } from "./compensation.ts";
import { withinDeadline } from "./deadline.ts";

/** An action on its way: its step, and the undos of what it has done. */
export class ActionRun {
  readonly input: ActionInput;
  readonly compensation = new Compensation();
  private readonly steps: readonly StepName[];
  private step: StepName | null = null;

  /** `steps`: those of an action without undos. Where it fails, what it has not done is left. */
  constructor(input: ActionInput, steps: readonly StepName[] = []) {
    this.input = input;
    this.steps = steps;
  }

  begin(step: StepName): void {
    this.step = step;
    setCurrentDetails(stepInWords(step));
  }

  /**
   * The end of an action whose `error` nothing can mend: whatever was done is undone, newest first, and the action ends with its reason. Returns how the
   * workflow has to end.
   */
  async fail(error: unknown): Promise<Error> {
    const { step } = this;
    assertStepFailure(error);
    if (step === null) throw new Error("BUG: an action failed before its first step", { cause: error });
    setCurrentDetails(`undoing after a failure in ${stepInWords(step)}`);
    return CancellationScope.nonCancellable(async () => {
      const failure = actionFailure(error, step, [...(await this.compensation.unwind()), ...this.notDone(step)]);
      await persistentStore.markFailed({ ...this.input, failure });
      nameFailure(failure);
      return workflowFailure(error, failure);
    });
  }

  private notDone(from: StepName): StepName[] {
    return this.steps.slice(this.steps.indexOf(from));
  }
}

/** Runs the steps of an action; one that fails, is cancelled or reaches its deadline leaves nothing of what it did. */
export async function runAction(input: ActionInput, steps: (run: ActionRun) => Promise<void>): Promise<void> {
  await runToItsEnd(new ActionRun(input), steps);
}

/** Runs the steps of a delete, which has no undos; one that fails or reaches its deadline names those that are left. */
export async function runDelete(
  input: ActionInput,
  names: readonly StepName[],
  steps: (run: ActionRun) => Promise<void>,
): Promise<void> {
  await runToItsEnd(new ActionRun(input, names), steps);
}

async function runToItsEnd(run: ActionRun, steps: (run: ActionRun) => Promise<void>): Promise<void> {
  try {
    await withinDeadline(() => steps(run));
  } catch (error) {
    throw await run.fail(error);
  }
}

/** So that the workflow is found by why it failed. */
function nameFailure({ code, step }: ActionFailure): void {
  // Workflows that began without it replay without it.
  if (!patched("failure-is-searchable")) return;
  upsertSearchAttributes([
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.errorCode, "KEYWORD"), value: code },
    { key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.failedStep, "KEYWORD"), value: step },
  ]);
}
