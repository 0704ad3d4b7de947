import { setWorkflowOptions, workflowInfo } from "@temporalio/workflow";

/**
 * For what is over in seconds and leaves nothing behind: where workers are versioned any build may go on with it, while actions end on the build on which they began. Of a worker that
 * is not versioned Temporal takes no such word.
 */
export function onAnyBuild(workflow: (...args: never[]) => Promise<unknown>): void {
  setWorkflowOptions(
    () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: "AUTO_UPGRADE" } : {}),
    workflow,
  );
}
