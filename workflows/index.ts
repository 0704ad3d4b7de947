/** Every workflow a worker runs, under the names that src/domain/workflow-contracts.ts knows. */
export { createDatabase } from "./create-database.ts";
export { createServer } from "./create-server.ts";
export { deleteDatabase } from "./delete-database.ts";
export { deleteServer } from "./delete-server.ts";
export { rebootServer } from "./reboot-server.ts";
export { restartDatabase } from "./restart-database.ts";
export { resumeDatabase } from "./resume-database.ts";
export { resumeServer } from "./resume-server.ts";
export { rotateCredentials } from "./rotate-credentials.ts";
export { startServer } from "./start-server.ts";
export { stopServer } from "./stop-server.ts";
export { suspendDatabase } from "./suspend-database.ts";
export { suspendServer } from "./suspend-server.ts";
export { sweepUnstartedActions } from "./sweep-unstarted-actions.ts";
export { syncDatabaseEngines } from "./sync-database-engines.ts";
export { updateTrustedSources } from "./update-trusted-sources.ts";
