import type { Action } from "../src/domain/action.ts";
import type { ActionToStart } from "../src/domain/workflow-control.ts";
import type { Store } from "../src/store/store.ts";

const PAGE_SIZE = 100;
/** Temporal is asked about so many at once. */
const ASKED_AT_ONCE = 20;

/** An action as its workflow is started from its row. */
export function actionToStart(action: Action): ActionToStart {
  const { id: actionId, resourceKind, resourceId, accountId, region, requestId, type, attempt, startedAt } = action;
  const again = startedAt === null ? {} : { isAgain: true as const };
  return { type, attempt, input: { resourceId, resourceKind, actionId, accountId, region, requestId, ...again } };
}

/** All that run and were accepted before `olderThan`, a few at a time. */
export async function* runningActions(store: Store, olderThan: Date): AsyncGenerator<Action[]> {
  let after = "";
  for (;;) {
    const page = await store.actions.listRunning(after, olderThan, PAGE_SIZE);
    for (let start = 0; start < page.length; start += ASKED_AT_ONCE) yield page.slice(start, start + ASKED_AT_ONCE);
    if (page.length < PAGE_SIZE) return;
    after = page.at(-1)?.id ?? after;
  }
}
