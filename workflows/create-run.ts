import { allHandlersFinished, CancellationScope, condition, setHandler, Trigger } from "@temporalio/workflow";
import type { ActionInput, AddressAllocated } from "../src/domain/workflow-contracts.ts";
import { ActionRun } from "./action-run.ts";
import { withinDeadline } from "./deadline.ts";
import { declareUndosOfLostCreate } from "./lost-create.ts";
import { addressAllocated } from "./messages.ts";

/** A create on its way: it answers whoever waits for its address. */
export class CreateRun extends ActionRun {
  readonly firstAnswer = new Trigger<AddressAllocated>();

  constructor(input: ActionInput) {
    super(input);
    setHandler(addressAllocated, async () => this.firstAnswer);
  }
}

/** Runs the steps of a create; one that fails, is cancelled or reaches its deadline leaves nothing of what it did, and says so to whoever waits for the address. */
export async function runCreate(input: ActionInput, steps: (run: CreateRun) => Promise<void>): Promise<void> {
  const run = new CreateRun(input);
  declareUndosOfLostCreate(run);
  try {
    await withinDeadline(() => steps(run));
  } catch (error) {
    const end = await run.fail(error);
    run.firstAnswer.reject(end);
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    throw end;
  }
}
