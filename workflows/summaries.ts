import { type WorkflowInterceptorsFactory, workflowInfo } from "@temporalio/workflow";
import { stepInWords, stepOfActivity } from "../src/domain/activity-names.ts";
import { actionOfWorkflow, stepsOfWorkflow } from "../src/domain/workflow-contracts.ts";

/**
 * What each activity is for, on the timeline of Temporal's UI: `step 5 of 8: create instance`, `undo: delete instance`. Encrypted as payloads are; no command depends on it, so histories
 * from before replay. Loaded around all workflows (workflow-bundle.ts).
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { workflowType } = workflowInfo();
  const summarised = <Options extends { summary?: string }>(activity: string, options: Options): Options => ({
    ...options,
    summary: options.summary ?? summaryOf(workflowType, stepOfActivity(activity)),
  });
  return {
    outbound: [
      {
        scheduleActivity: (input, next) => next({ ...input, options: summarised(input.activityType, input.options) }),
        scheduleLocalActivity: (input, next) =>
          next({ ...input, options: summarised(input.activityType, input.options) }),
      },
    ],
  };
};

function summaryOf(workflowType: string, name: string): string {
  const words = stepInWords(name);
  // What schedules and operators start has no steps, and no undos.
  if (!actionOfWorkflow(workflowType)) return words;
  const steps: readonly string[] = stepsOfWorkflow(workflowType);
  const place = steps.indexOf(name);
  if (place >= 0) return `step ${place + 1} of ${steps.length}: ${words}`;
  return name === "mark_failed" ? "end of the action: mark failed" : `undo: ${words}`;
}
