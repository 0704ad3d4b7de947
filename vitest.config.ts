import { defineConfig } from "vitest/config";

/** The kill matrices, the unwinds of the database workflows and of actions, deletes in the middle of actions, deadlines in every step, two builds side by side, and races in many rounds. They take longer than everything else together: `npm run test:faults` has them, `.ci/run` a part. */
export const FAULT_MATRICES = [
  "test/workflows/*-killed.test.ts",
  "test/workflows/unwind-*database*.test.ts",
  "test/workflows/unwind-server-actions.test.ts",
  "test/workflows/delete-during-*-action.test.ts",
  "test/workflows/deadlines-of-steps.test.ts",
  "test/services/*-race.test.ts",
  "test/services/late-undo.test.ts",
  "test/temporal/worker-versioning.test.ts",
];

export default defineConfig({
  test: {
    pool: "forks",
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/browser/**", "test/chaos/**", "test/soak/**", "node_modules/**", ...FAULT_MATRICES],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 3,
  },
});
