import { defineConfig } from "vitest/config";

/** The kill matrices, the unwinds of the database workflows and of actions, deletes in the middle of actions, deadlines in every step, two builds side by side, and races in many rounds. They take longer than everything else together: `npm run test:faults` has them, `.ci/run` a part. */
export const FAULT_MATRICES = [
  "test/workflows/*-killed.test.ts",
  "test/workflows/killed-then-cancelled.test.ts",
  "test/workflows/unwind-*database*.test.ts",
  "test/workflows/unwind-server-actions.test.ts",
  "test/workflows/delete-during-*-action.test.ts",
  "test/workflows/deadlines-of-steps.test.ts",
  "test/workflows/restarts-of-all.test.ts",
  "test/workflows/silent-attempts.test.ts",
  "test/services/*-race.test.ts",
  "test/services/many-waiters.test.ts",
  "test/services/late-{steps,undo}.test.ts",
  "test/services/several-processes.test.ts",
  "test/temporal/worker-versioning.test.ts",
];

/** Of their cells and long tests `npm test` has one in eight, and `npm run test:matrices` all (test/support/fault-sample.ts). */
export const MATRICES = [
  "test/scripts/start.test.ts",
  "test/services/authorization-matrix.test.ts",
  "test/services/capacity-limits.test.ts",
  "test/services/holds-without-worker.test.ts",
  "test/services/hostile-*.test.ts",
  "test/services/idempotency.test.ts",
  "test/services/quotas.test.ts",
  "test/services/retries-without-worker.test.ts",
  "test/services/sweep.test.ts",
  "test/temporal/bad-deploy.test.ts",
  "test/workflows/cancelled-create.test.ts",
  "test/workflows/deadline.test.ts",
  "test/workflows/delete-during-create.test.ts",
  "test/workflows/undo-failed.test.ts",
  "test/workflows/unwind-{create,delete}-server.test.ts",
];

/** Whole scenarios that only `npm run test:matrices` has: hundreds of thousands of rows, a backup and its restore, a region on another machine, creates that can't be undone, and a Temporal, an installation, a PostgreSQL or an answer that is lost. */
export const LONG_SCENARIOS = [
  "test/runbooks/carried-out.test.ts",
  "test/scripts/backup.test.ts",
  "test/services/database-restart.test.ts",
  "test/services/leftovers.test.ts",
  "test/services/lost-answers.test.ts",
  "test/services/remote-region.test.ts",
  "test/services/restore.test.ts",
  "test/services/temporal-lost.test.ts",
  "test/store/plans.test.ts",
];

/** What a developer waits for: `npm test`. */
export default defineConfig({
  test: {
    pool: "forks",
    // A process loads the modules once, for all the files it runs: loading them for each file was a fifth of the work. No file may leave something changed behind.
    isolate: false,
    include: ["test/**/*.test.ts"],
    exclude: [
      ...["test/e2e/**", "test/browser/**", "test/chaos/**", "test/soak/**", "node_modules/**"],
      ...FAULT_MATRICES,
      ...LONG_SCENARIOS,
    ],
    globalSetup: ["test/support/global-setup.ts"],
    setupFiles: ["test/support/reproduction.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 4,
    // A failure says what was there, not that something was.
    chaiConfig: { truncateThreshold: 1_000 },
  },
});
