import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BackgroundOptions, type Priority, startInBackground } from "../../scripts/platform/background-process.ts";

const { PRIORITY_ABOVE_NORMAL, PRIORITY_BELOW_NORMAL } = constants.priority;
/** Only root may come before others. */
const FIRST = process.getuid?.() === 0 ? PRIORITY_ABOVE_NORMAL : null;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cn-background-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sleeper(priority: Priority | undefined): BackgroundOptions {
  return {
    title: "the sleeper",
    program: process.execPath,
    args: ["-e", "setInterval(() => {}, 1000); console.log('up')"],
    logFile: join(folder, `sleeper-${priority}.log`),
    isReady: (log) => Promise.resolve(log.text().includes("up")),
    readyTimeoutMs: 60_000,
    priority,
  };
}

describe("a process in the background", () => {
  it.each([
    { priority: "above normal", nice: FIRST ?? getPriority(), ofSession: FIRST ?? 0 },
    { priority: "below normal", nice: PRIORITY_BELOW_NORMAL, ofSession: PRIORITY_BELOW_NORMAL },
    { priority: undefined, nice: getPriority(), ofSession: 0 },
  ] as const)("has its priority, and so has its session: $priority", async ({ priority, nice, ofSession }) => {
    const { pid, stop, exited } = await startInBackground(sleeper(priority));
    try {
      expect(getPriority(pid)).toBe(nice);
      const autogroup = `/proc/${pid}/autogroup`;
      // Not every kernel shares the CPU out by session.
      if (existsSync(autogroup)) expect(readFileSync(autogroup, "utf8")).toMatch(new RegExp(` nice ${ofSession}\n$`));
    } finally {
      await stop();
    }
    await exited;
  });
});
