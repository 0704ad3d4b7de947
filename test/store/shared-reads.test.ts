import { afterEach, describe, expect, it, vi } from "vitest";
import { SharedReads } from "../../src/store/shared-reads.ts";

/** Statements are answered when the test says so. */
function controlledReads() {
  const statements: { ids: string[]; answer: (rows: { id: string }[]) => void; fail: (error: Error) => void }[] = [];
  const reads = new SharedReads<{ id: string }>(
    (ids) => new Promise((answer, fail) => statements.push({ ids, answer, fail })),
  );
  return { reads, statements };
}

describe("shared reads", () => {
  it("go out at once while none is under way, and together after that", async () => {
    const { reads, statements } = controlledReads();
    const found = ["a", "b", "c", "b"].map((id) => reads.find(id));
    expect(statements.map(({ ids }) => ids)).toEqual([["a"]]);

    statements[0]?.answer([]);
    expect(await found[0]).toBeNull();
    expect(statements.map(({ ids }) => ids)).toEqual([["a"], ["b", "c"]]);
    statements[1]?.answer([{ id: "b" }]);
    expect(await Promise.all(found.slice(1))).toEqual([{ id: "b" }, null, { id: "b" }]);
  });

  it("are not held up by one that hangs", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { reads, statements } = controlledReads();
    const hanging = reads.find("a");
    const soon = reads.find("b");
    vi.advanceTimersByTime(30);
    const late = reads.find("c");
    expect(statements.map(({ ids }) => ids)).toEqual([["a"], ["b", "c"]]);

    const afterwards = reads.find("d");
    statements[1]?.answer([{ id: "b" }, { id: "c" }]);
    expect(await Promise.all([soon, late])).toEqual([{ id: "b" }, { id: "c" }]);
    statements[2]?.answer([{ id: "d" }]);
    expect(await afterwards).toEqual({ id: "d" });
    statements[0]?.answer([{ id: "a" }]);
    expect(await hanging).toEqual({ id: "a" });
  });

  it("fail together, and not those that come after", async () => {
    const { reads, statements } = controlledReads();
    const outcomes = Promise.allSettled(["a", "b", "c"].map((id) => reads.find(id)));
    statements[0]?.fail(new Error("away"));
    await new Promise(setImmediate);
    statements[1]?.fail(new Error("away"));
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(3).fill("rejected"));

    const later = reads.find("a");
    statements.at(-1)?.answer([{ id: "a" }]);
    expect(await later).toEqual({ id: "a" });
  });
});

afterEach(() => {
  vi.useRealTimers();
});
