import { describe, expect, it } from "vitest";
import { JoinedReads } from "../../src/store/joined-reads.ts";

/** Statements are answered when the test says so. */
function controlledReads() {
  const statements: { key: string; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const reads = new JoinedReads<string>();
  const find = (key: string) =>
    reads.find(key, () => new Promise((answer, fail) => statements.push({ key, answer, fail })));
  return { find, statements };
}

describe("joined reads", () => {
  it("go out at once while few equal ones are under way, and as one after that", async () => {
    const { find, statements } = controlledReads();
    const found = [find("a"), find("a"), find("a"), find("a"), find("b")];
    expect(statements.map(({ key }) => key)).toEqual(["a", "a", "b"]);

    statements[0]?.answer("first");
    expect(await found[0]).toBe("first");
    expect(statements.map(({ key }) => key)).toEqual(["a", "a", "b", "a"]);
    statements[3]?.answer("third");
    expect(await Promise.all([found[2], found[3]])).toEqual(["third", "third"]);
    statements[1]?.answer("second");
    statements[2]?.answer("of b");
    expect(await Promise.all([found[1], found[4]])).toEqual(["second", "of b"]);
  });

  it("never answer with what was asked before they came", async () => {
    const { find, statements } = controlledReads();
    const before = [find("a"), find("a"), find("a")];
    statements[0]?.answer("old");
    await before[0];
    const after = find("a");
    statements[1]?.answer("old");
    statements[2]?.answer("old");
    await Promise.all(before);
    statements[3]?.answer("new");
    expect(await after).toBe("new");
  });

  it("fail together, and not those that come after", async () => {
    const { find, statements } = controlledReads();
    const outcomes = Promise.allSettled([find("a"), find("a"), find("a"), find("a")]);
    statements[0]?.fail(new Error("away"));
    statements[1]?.fail(new Error("away"));
    await new Promise(setImmediate);
    statements[2]?.fail(new Error("away"));
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(4).fill("rejected"));

    const later = find("a");
    statements.at(-1)?.answer("there");
    expect(await later).toBe("there");
  });
});
