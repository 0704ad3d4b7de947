import { defineConfig } from "vitest/config";

/** The reference page in a real Chromium: `npm run test:browser`. */
export default defineConfig({
  test: { pool: "forks", include: ["test/browser/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 300_000 },
});
