import { ApplicationFailure, isCancellation, log, type WorkflowInterceptorsFactory } from "@temporalio/workflow";
import { type LogIds, logIds } from "../src/domain/log-ids.ts";

/** Every log line of an action's workflow carries its ids, and the log tells how it began and ended. Loaded around all workflows (workflow-bundle.ts); nothing is logged twice on a replay. */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let ids: LogIds | null = null;
  return {
    inbound: [
      {
        execute(input, next) {
          ids = logIds(input.args[0]);
          if (ids) log.info("action started");
          return next(input).then(
            (result) => {
              if (ids) log.info("action succeeded");
              return result;
            },
            (error: unknown) => {
              if (ids) log.info("action failed", { error_code: codeOf(error) });
              throw error;
            },
          );
        },
      },
    ],
    outbound: [{ getLogAttributes: (attributes, next) => next({ ...attributes, ...ids }) }],
  };
};

/** Null: no failure of the action, but a bug of its workflow, whose task is tried again. */
function codeOf(error: unknown): string | null {
  if (isCancellation(error)) return "cancelled";
  return error instanceof ApplicationFailure ? (error.type ?? null) : null;
}
