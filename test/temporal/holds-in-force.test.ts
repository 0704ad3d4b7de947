import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Hold } from "../../src/domain/hold.ts";
import { HoldsInForce } from "../../src/temporal/holds-in-force.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** Reads that end when they are told to. */
function reads() {
  const begun: { answer: (holds: Hold[]) => void; fail: (error: Error) => void }[] = [];
  const holds = new HoldsInForce(() => new Promise<Hold[]>((answer, reject) => begun.push({ answer, fail: reject })));
  return { begun, holds };
}

const HELD = [{ id: "hld_a" } as Hold];

describe("what a worker knows of the holds", () => {
  it("is read once for all that ask within a second", async () => {
    const { begun, holds } = reads();
    const together = [holds.current(), holds.current()];
    begun[0]?.answer(HELD);
    expect(await Promise.all(together)).toEqual([HELD, HELD]);
    vi.advanceTimersByTime(999);
    expect(await holds.current()).toEqual(HELD);
    expect(begun).toHaveLength(1);
  });

  it("is read anew after a second", async () => {
    const { begun, holds } = reads();
    const first = holds.current();
    begun[0]?.answer(HELD);
    await first;
    vi.advanceTimersByTime(1_000);
    const second = holds.current();
    begun[1]?.answer([]);
    expect(await second).toEqual([]);
  });

  it("is never what a read tells that began too long before, however late it ends", async () => {
    const { begun, holds } = reads();
    const slow = holds.current();
    vi.advanceTimersByTime(1_000);
    const later = holds.current();
    expect(begun).toHaveLength(2);
    begun[1]?.answer(HELD);
    expect(await later).toEqual(HELD);
    begun[0]?.answer([]);
    expect(await slow).toEqual([]);
    // What is newer stays.
    expect(await holds.current()).toEqual(HELD);
  });

  it("is unknown while it can't be read, and asked for again", async () => {
    const { begun, holds } = reads();
    const failing = holds.current();
    begun[0]?.fail(new Error("away"));
    await expect(failing).rejects.toThrow("away");
    const again = holds.current();
    begun[1]?.answer(HELD);
    expect(await again).toEqual(HELD);
  });
});
