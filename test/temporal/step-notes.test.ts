import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/telemetry/logger.ts";
import { StepNotes, type WriteSteps } from "../../src/temporal/step-notes.ts";

const logger = createLogger({ level: "silent", name: "test" });
const SOON_MS = 1;
const NEVER_MS = 1_000_000;

function recordingNotes(act: () => Promise<void> = () => Promise.resolve()) {
  const writes: Parameters<WriteSteps>[] = [];
  const write: WriteSteps = async (...note) => {
    writes.push(note);
    await act();
  };
  return { notes: new StepNotes(write, logger), writes };
}

describe("notes on steps", () => {
  it("are written as one where they come shortly after each other", async () => {
    const { notes, writes } = recordingNotes();
    notes.add("act_a", "first", { status: "running", attempt: 2 }, NEVER_MS);
    notes.add("act_a", "first", { status: "succeeded" }, NEVER_MS);
    notes.add("act_a", "second", { status: "running" }, NEVER_MS);
    notes.add("act_b", "first", { status: "running" }, NEVER_MS);
    await notes.flush("act_a");
    expect(writes).toEqual([["act_a", { first: { status: "succeeded", attempt: 2 }, second: { status: "running" } }]]);
    notes.drop("act_b");
  });

  it("are written by themselves, when the first of them is due", async () => {
    const writes = await new Promise((resolve) => {
      const notes = new StepNotes(async (...note) => resolve([note]), logger);
      notes.add("act_a", "first", { status: "running" }, SOON_MS);
      notes.add("act_a", "second", { status: "running" }, NEVER_MS);
    });
    expect(writes).toEqual([["act_a", { first: { status: "running" }, second: { status: "running" } }]]);
  });

  it("follow each other in the order they were made, and a flush waits for the last of them", async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const { notes, writes } = recordingNotes(() => held);
    notes.add("act_a", "first", { attempt: 1 }, NEVER_MS);
    const first = notes.flush("act_a");
    notes.add("act_a", "first", { attempt: 2 }, NEVER_MS);
    const second = notes.flush("act_a");
    await Promise.resolve();
    expect(writes).toHaveLength(1);
    letGo();
    await Promise.all([first, second]);
    expect(writes.map(([, changes]) => changes["first"]?.attempt)).toEqual([1, 2]);
  });

  it("are forgotten on demand, and never fail whoever waits for them", async () => {
    const { notes, writes } = recordingNotes(() => Promise.reject(new Error("the database is away")));
    notes.add("act_a", "first", { attempt: 1 }, NEVER_MS);
    notes.drop("act_a");
    notes.add("act_b", "first", { attempt: 1 }, NEVER_MS);
    await expect(notes.flushAll()).resolves.toBeUndefined();
    expect(writes.map(([actionId]) => actionId)).toEqual(["act_b"]);
  });
});
