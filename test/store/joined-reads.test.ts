import { afterEach, describe, expect, it, vi } from "vitest";
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
  it("go out at once while no equal one is under way, and as one after that", async () => {
    const { find, statements } = controlledReads();
    const found = [find("a"), find("a"), find("a"), find("b")];
    expect(statements.map(({ key }) => key)).toEqual(["a", "b"]);

    statements[0]?.answer("first");
    expect(await found[0]).toBe("first");
    expect(statements.map(({ key }) => key)).toEqual(["a", "b", "a"]);
    statements[2]?.answer("second");
    statements[1]?.answer("of b");
    expect(await Promise.all(found.slice(1))).toEqual(["second", "second", "of b"]);
  });

  it("never answer with what was asked before they came", async () => {
    const { find, statements } = controlledReads();
    const before = [find("a"), find("a")];
    statements[0]?.answer("old");
    await before[0];
    const after = find("a");
    statements[1]?.answer("old");
    await before[1];
    statements[2]?.answer("new");
    expect(await after).toBe("new");
  });

  it("are not held up by one that hangs", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { find, statements } = controlledReads();
    const hanging = find("a");
    const soon = find("a");
    vi.advanceTimersByTime(30);
    const late = find("a");
    expect(statements).toHaveLength(2);
    statements[1]?.answer("there");
    expect(await Promise.all([soon, late])).toEqual(["there", "there"]);
    statements[0]?.answer("at last");
    expect(await hanging).toBe("at last");
  });

  it("are told what the one before has answered, as long as they follow each other", async () => {
    const told: (string | null)[] = [];
    const answers: ((value: string) => void)[] = [];
    const reads = new JoinedReads<string>();
    const find = () =>
      reads.find("a", (previous) => {
        told.push(previous);
        return new Promise((answer) => answers.push(answer));
      });
    const found = [find(), find()];
    answers[0]?.("first");
    await found[0];
    answers[1]?.("second");
    await found[1];
    const later = find();
    answers[2]?.("third");
    await later;
    expect(told).toEqual([null, "first", null]);
  });

  it("fail together, and not those that come after", async () => {
    const { find, statements } = controlledReads();
    const outcomes = Promise.allSettled([find("a"), find("a"), find("a")]);
    statements[0]?.fail(new Error("away"));
    await new Promise(setImmediate);
    statements[1]?.fail(new Error("away"));
    expect((await outcomes).map(({ status }) => status)).toEqual(Array(3).fill("rejected"));

    const later = find("a");
    statements.at(-1)?.answer("there");
    expect(await later).toBe("there");
  });
});

afterEach(() => {
  vi.useRealTimers();
});
