import type { Action } from "../src/domain/action.ts";
import type { Store } from "../src/store/store.ts";

const PAGE_SIZE = 100;
/** Temporal is asked about so many at once. */
const ASKED_AT_ONCE = 20;

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
