import { defineConfig } from "vitest/config";

/** On real Incus: one file at a time, since they share the machine's daemon and its regions. */
export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/support/e2e-setup.ts"],
    setupFiles: ["test/support/reproduction.ts"],
    env: { TEST_SUITE: "npm run test:e2e --" },
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // A failure says what was there, not that something was.
    chaiConfig: { truncateThreshold: 1_000 },
  },
});
