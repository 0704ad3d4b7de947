/** Every workflow a worker runs, under the names that src/domain/workflow-contracts.ts knows. */
export { createDatabase } from "./create-database.ts";
export { createServer } from "./create-server.ts";
export { deleteDatabase } from "./delete-database.ts";
export { deleteServer } from "./delete-server.ts";
export { restartDatabase } from "./restart-database.ts";
export { resumeDatabase } from "./resume-database.ts";
export { rotateCredentials } from "./rotate-credentials.ts";
export { suspendDatabase } from "./suspend-database.ts";
export { sweepUnstartedActions } from "./sweep-unstarted-actions.ts";
export { syncDatabaseEngines } from "./sync-database-engines.ts";
export { updateTrustedSources } from "./update-trusted-sources.ts";
