/** Every workflow a worker runs, under the names that src/domain/workflow-contracts.ts knows. */
export { createServer } from "./create-server.ts";
export { deleteServer } from "./delete-server.ts";
export { sweepUnstartedActions } from "./sweep-unstarted-actions.ts";
