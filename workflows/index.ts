/** Every workflow a worker runs, under the names of WORKFLOW_TYPES. */
export { createServer } from "./create-server.ts";
export { deleteServer } from "./delete-server.ts";
export { sweepUnstartedActions } from "./sweep-unstarted-actions.ts";
