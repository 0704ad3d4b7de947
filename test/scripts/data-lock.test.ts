import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDataDir } from "../../scripts/platform/data-lock.ts";

/** Above the largest pid that Linux gives. */
const NOBODYS_PID = 4_194_305;

describe("the lock of a data folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cn-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is taken from a run that died, and given back", async () => {
    writeFileSync(join(folder, "run.pid"), String(NOBODYS_PID));
    const unlock = await lockDataDir(folder);
    expect(existsSync(join(folder, "run.pid"))).toBe(true);
    await unlock();
    expect(existsSync(join(folder, "run.pid"))).toBe(false);
  });

  it("is taken where the pid went to another program", async () => {
    writeFileSync(join(folder, "run.pid"), String(process.ppid));
    const unlock = await lockDataDir(folder);
    await unlock();
  });
});
