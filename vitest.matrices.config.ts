import { defineConfig } from "vitest/config";
import base, { LONG_SCENARIOS, MATRICES } from "./vitest.config.ts";

/** Every call as everybody, every hostile text in every field, every step cancelled, and what else `npm test` has a sample of; whole scenarios with it: `npm run test:matrices`. */
export default defineConfig({
  test: {
    ...base.test,
    include: [...MATRICES, ...LONG_SCENARIOS],
    exclude: ["node_modules/**"],
    env: { TEST_SUITE: "npm run test:matrices --" },
  },
});
