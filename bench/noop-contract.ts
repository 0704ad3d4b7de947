/** What bench and no-op worker agree on. */

/** Where a step runs: in the workflow's own worker, or through a region's task queue. */
export type NoopStep = "local" | "regional";

export interface NoopActivities {
  doNothing(): Promise<void>;
}

export const NOOP_WORKFLOW = "noop";
export const FIRST_STEP_DONE = "firstStepDone";
export const NOOP_REGION = "nowhere";
