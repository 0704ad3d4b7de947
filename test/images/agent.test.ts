import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const FOLDER = fileURLToPath(new URL("./agent", import.meta.url));
const hasPython = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]).status === 0;

test.skipIf(!hasPython)("the agent's own tests pass", async () => {
  const args = ["-B", "-m", "unittest", "discover", "--start-directory", FOLDER];
  const { stderr } = await promisify(execFile)("python3", args);
  expect(stderr).toMatch(/Ran [1-9]\d* tests/);
  expect(stderr).toMatch(/^OK$/m);
});
