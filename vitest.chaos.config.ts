import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Seeded simulation: `npm run test:chaos`. */
export default defineConfig({
  test: { ...base.test, include: ["test/chaos/*.test.ts"], exclude: ["node_modules/**"], maxConcurrency: 1_000 },
});
