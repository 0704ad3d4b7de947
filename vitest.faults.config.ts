import { defineConfig } from "vitest/config";
import base, { FAULT_MATRICES } from "./vitest.config.ts";

/** Every step of the database workflows failed, repeated, undone twice, and its worker killed at three moments: `npm run test:faults`. */
export default defineConfig({ test: { ...base.test, include: FAULT_MATRICES, exclude: ["node_modules/**"] } });
