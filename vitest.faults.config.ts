import { defineConfig } from "vitest/config";
import base, { FAULT_MATRICES } from "./vitest.config.ts";

/** Every step of every workflow with its worker killed at three moments; those of databases also failed, repeated and undone twice; races in many rounds: `npm run test:faults`. */
export default defineConfig({
  test: {
    ...base.test,
    include: FAULT_MATRICES,
    exclude: ["node_modules/**"],
    env: { TEST_SUITE: "npm run test:faults --" },
  },
});
