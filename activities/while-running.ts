import { Context } from "@temporalio/activity";
import type { ActionInput } from "../src/domain/workflow-contracts.ts";
import type { WaitContext } from "../src/drivers/compute.ts";
import type { Repositories, Store } from "../src/store/store.ts";
import { waitContext } from "./region-compute.ts";

/**
 * An attempt of an undo, or of a step of a delete, can outlive its workflow: given up, done again by another attempt, and then it goes on after all. By then
 * the resource may have been given the same things anew, by a create that is tried again. What takes something away does so only while its action runs: as
 * long as it does, no other one is accepted, but for a delete, which takes everything away itself.
 */
export async function whileRunning(
  store: Store,
  input: ActionInput,
  change: (repositories: Repositories) => Promise<void>,
): Promise<void> {
  await store.transaction(async (repositories) => {
    if (await repositories.actions.lockRunning(input)) await change(repositories);
  });
}

/** The same of infrastructure, which has no transactions: it is looked at right before each change. */
export function waitWhileRunning({ actions }: Repositories, { actionId }: ActionInput): WaitContext {
  return { ...waitContext(), isWanted: () => actions.isRunning(actionId) };
}

/** An attempt is given up 5 s after its last heartbeat (workflows/activity-options.ts). One that is younger is the one that counts. */
const YOUNG_MS = 3_000;

/** The same of a step, whose attempts mostly end before anybody could have given them up: only an older one looks. */
export function waitOfStep({ actions }: Repositories, { actionId }: ActionInput) {
  // A process may have been stopped between taking the attempt and coming here.
  const begunMs = Math.min(Date.now(), Context.current().info.currentAttemptScheduledTimestampMs);
  const isYoung = () => Date.now() - begunMs < YOUNG_MS;
  return { ...waitContext(), isWanted: async () => isYoung() || (await actions.isRunning(actionId)) };
}
