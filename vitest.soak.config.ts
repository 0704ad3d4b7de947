import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Half an hour of creates and deletes with faults: `npm run test:soak`, SOAK_MINUTES and SOAK_RATE for another length and pace. */
export default defineConfig({ test: { ...base.test, include: ["test/soak/*.test.ts"], exclude: ["node_modules/**"] } });
