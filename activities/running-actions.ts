import type { Action } from "../src/domain/action.ts";
import type { Store } from "../src/store/store.ts";

const PAGE_SIZE = 100;
/** Temporal is asked about so many at once. */
export const ASKED_AT_ONCE = 20;

/** All that run and were accepted before `olderThan`, a few at a time. */
export async function* runningActions(store: Store, olderThan: Date): AsyncGenerator<Action[]> {
  for await (const page of pages((after) => store.actions.listRunning(after, olderThan, PAGE_SIZE), PAGE_SIZE)) {
    for (let start = 0; start < page.length; start += ASKED_AT_ONCE) yield page.slice(start, start + ASKED_AT_ONCE);
  }
}

/** A list that is read by id, page by page: `read` answers up to `size` of those after an id, in the order of their ids. */
export async function* pages<T extends { id: string }>(
  read: (after: string) => Promise<T[]>,
  size: number,
): AsyncGenerator<T[]> {
  let after = "";
  for (;;) {
    const page = await read(after);
    yield page;
    if (page.length < size) return;
    after = page.at(-1)?.id ?? after;
  }
}
