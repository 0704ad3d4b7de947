#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

// As `npm run cloudnexus`: paths in settings are those of the checkout, wherever it is typed.
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
register();
await import("../scripts/cloudnexus.ts");
