import { describe, expect, it } from "vitest";
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
  it("go out at once while few are under way, and together after that", async () => {
    const { reads, statements } = controlledReads();
    const found = ["a", "b", "c", "d", "c"].map((id) => reads.find(id));
    expect(statements.map(({ ids }) => ids)).toEqual([["a"], ["b"]]);

    statements[1]?.answer([{ id: "b" }]);
    expect(await found[1]).toEqual({ id: "b" });
    expect(statements.map(({ ids }) => ids)).toEqual([["a"], ["b"], ["c", "d", "c"]]);
    statements[2]?.answer([{ id: "c" }]);
    expect(await Promise.all(found.slice(2))).toEqual([{ id: "c" }, null, { id: "c" }]);
    statements[0]?.answer([]);
    expect(await found[0]).toBeNull();
  });

  it("fail together, and not those that come after", async () => {
    const { reads, statements } = controlledReads();
    const failing = [reads.find("a"), reads.find("b"), reads.find("c"), reads.find("d")];
    const outcomes = Promise.allSettled(failing);
    statements[0]?.fail(new Error("away"));
    statements[1]?.fail(new Error("away"));
    await expect(failing[0]).rejects.toThrow("away");
    statements[2]?.fail(new Error("away"));
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(4).fill("rejected"));

    const later = reads.find("a");
    statements.at(-1)?.answer([{ id: "a" }]);
    expect(await later).toEqual({ id: "a" });
  });
});
