import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Scripts that are played at once. Mostly one waits for a worker's death to be noticed, or for the next attempt. */
export const STAGES = 4;

/** Seeded simulation: `npm run test:chaos`. */
export default defineConfig({
  test: { ...base.test, include: ["test/chaos/*.test.ts"], exclude: ["node_modules/**"], maxConcurrency: STAGES },
});
