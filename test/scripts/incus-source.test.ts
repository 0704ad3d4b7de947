import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { incusSource } from "../../scripts/platform/incus-install.ts";
import { readSystem } from "../../scripts/platform/system.ts";

describe("where Incus comes from", () => {
  it.each([
    ['ID=debian\nVERSION_ID="12"\n', { available: true, suite: "bookworm-backports" }],
    ['ID=debian\nVERSION_ID="13"\n', { available: true }],
    ["ID=debian\n", { available: true }],
    ['ID=ubuntu\nVERSION_ID="24.04"\n', { available: true }],
    ['ID=ubuntu\nVERSION_ID="22.04"\nPRETTY_NAME="Ubuntu 22.04"\n', { available: false }],
    ['ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian 11"\n', { available: false }],
    ["ID=alpine\nVERSION_ID=3.20\n", { available: false }],
    ["", { available: false }],
  ])("follows the release: %j", (osRelease, expected) => {
    const folder = mkdtempSync(join(tmpdir(), "cn-os-"));
    const file = join(folder, "os-release");
    writeFileSync(file, osRelease);
    expect(incusSource(readSystem(file))).toMatchObject(expected);
    rmSync(folder, { recursive: true });
  });

  it("names the system where it cannot be had", () => {
    expect(incusSource({ id: "fedora", version: 42, title: "Fedora 42" })).toMatchObject({
      reason: expect.stringContaining("Fedora 42"),
    });
  });
});
