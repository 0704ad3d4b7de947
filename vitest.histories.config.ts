import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Records workflow histories anew: `npm run histories`. */
export default defineConfig({ test: { ...base.test, include: ["test/workflows/record-*.ts"] } });
