import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The suite as it is, on servers that are up already: for `npm run test:mutants`, in a copy of the checkout. */
export default defineConfig({
  // Files are named one by one: a test is found in whatever suite it is.
  test: { ...base.test, exclude: ["node_modules/**"], globalSetup: ["test/mutants/shared-setup.ts"], bail: 1 },
});
