import { Context } from "@temporalio/activity";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { beating } from "./beating.ts";

export function gateActivities(store: Store, workflows: WorkflowControl) {
  return {
    /** Tells everything that waits for a hold which was released. Returns how many actions were told. */
    async openGates(): Promise<number> {
      const { cancellationSignal } = Context.current();
      return beating(() => openReleasedGates(store, workflows, cancellationSignal));
    },
  };
}

const HOLDS_AT_ONCE = 20;
const WAITS_AT_ONCE = 50;

/** A wait is forgotten when its workflow was told, not before. */
export async function openReleasedGates(
  store: Store,
  workflows: WorkflowControl,
  signal: AbortSignal,
): Promise<number> {
  let told = 0;
  for (const holdId of await store.holds.listToOpen(HOLDS_AT_ONCE)) {
    for (;;) {
      signal.throwIfAborted();
      const waiting = await store.gateWaits.listOf(holdId, WAITS_AT_ONCE);
      if (waiting.length === 0) break;
      const actions = await store.actions.inOrder(waiting.map((id) => ({ id })));
      await Promise.all(actions.map((action) => workflows.openGate(actionToStart(action), holdId)));
      await store.gateWaits.remove(holdId, waiting);
      told += actions.length;
    }
    await store.holds.markOpened(holdId);
  }
  return told;
}
