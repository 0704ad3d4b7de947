import { setTimeout as delay } from "node:timers/promises";
import { Context } from "@temporalio/activity";
import { actionToStart, type WorkflowControl } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";
import { beating } from "./beating.ts";

/** How often a release looks whether regions have room for more. */
const PAUSE_MS = 500;

export function gateActivities(store: Store, workflows: WorkflowControl) {
  return {
    /** Tells everything that waits for a hold which was released, as its regions have room for it. Returns how many actions were told. */
    async openGates(): Promise<number> {
      const { cancellationSignal } = Context.current();
      return beating(async () => {
        for (let told = 0; ; ) {
          const some = await openReleasedGates(store, workflows, cancellationSignal);
          if (some === 0) return told;
          told += some;
          await delay(PAUSE_MS, undefined, { signal: cancellationSignal });
        }
      });
    },
  };
}

const HOLDS_AT_ONCE = 20;
/** Temporal is told of so many at once. */
const TOLD_AT_ONCE = 50;
/**
 * So many actions of a region are at work at a time, as far as a release has a say. More would wait for each other before the region's workers, and that time is their own: of thousands the last
 * would reach their deadlines before their turn.
 */
const AT_WORK_IN_A_REGION = 100;

/** Tells those of what waits for released holds that their regions have room for. Returns how many: 0, nothing waits any more. A wait is forgotten when its workflow was told, not before. */
export async function openReleasedGates(
  store: Store,
  workflows: WorkflowControl,
  signal: AbortSignal,
): Promise<number> {
  let told = 0;
  for (const holdId of await store.holds.listToOpen(HOLDS_AT_ONCE)) {
    const waiting = await store.gateWaits.listNext(holdId, AT_WORK_IN_A_REGION);
    if (waiting.length === 0) await store.holds.markOpened(holdId);
    for (let start = 0; start < waiting.length; start += TOLD_AT_ONCE) {
      signal.throwIfAborted();
      const some = waiting.slice(start, start + TOLD_AT_ONCE);
      const actions = await store.actions.inOrder(some.map((id) => ({ id })));
      await Promise.all(actions.map((action) => workflows.openGate(actionToStart(action), holdId)));
      await store.gateWaits.remove(holdId, some);
    }
    told += waiting.length;
  }
  return told;
}
