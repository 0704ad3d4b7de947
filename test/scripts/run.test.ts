import { describe, expect, it } from "vitest";
import { CommandError, run, tryRun } from "../../scripts/platform/run.ts";

/** Runs TypeScript in a process of its own, until nothing is left for it to do. */
const runInNode = (code: string) => run(process.execPath, ["--import", "tsx", "--input-type", "module", "-e", code]);
const MODULE = JSON.stringify(new URL("../../scripts/platform/run.ts", import.meta.url).href);

describe("a program that is run", () => {
  it("answers what it printed, and takes its input", async () => {
    expect(await run("cat", [], { input: "two\nlines" })).toBe("two\nlines");
  });

  it("that fails tells its code and its last words", async () => {
    const failure = await run("sh", ["-c", "echo first; echo 'error: the disk is full' >&2; exit 3"]).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(CommandError);
    expect(failure).toMatchObject({ exitCode: 3, message: expect.stringContaining("error: the disk is full") });
  });

  it("is stopped when its time has passed", async () => {
    const failure = await run("tail", ["-f", "/dev/null"], { timeoutMs: 50 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: null, message: expect.stringContaining("stopped by SIGTERM") });
  });

  it("that is not found, or has ended, leaves nothing that keeps us alive until its time has passed", async () => {
    const hour = "{ timeoutMs: 3_600_000 }";
    const code = `const { run, tryRun } = await import(${MODULE});
      console.log(await tryRun("no-such-program", [], ${hour}), await run("echo", ["ended"], ${hour}));`;
    expect(await runInNode(code)).toContain("undefined ended");
    expect(await tryRun("no-such-program", [])).toBeUndefined();
  });
});
