import {
  allHandlersFinished,
  condition,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  Trigger,
  workflowInfo,
} from "@temporalio/workflow";
import { regionTaskQueue } from "../src/domain/task-queues.ts";
import { FIRST_STEP_DONE, NOOP_REGION, type NoopActivities, type NoopStep } from "./noop-contract.ts";

const firstStepDone = defineUpdate(FIRST_STEP_DONE);

/** Does nothing in as many steps of the same kinds as a create has, and answers an update after the first, as a create does. */
export async function noop(steps: NoopStep[]): Promise<void> {
  const local = proxyLocalActivities<NoopActivities>({ startToCloseTimeout: "10 seconds" });
  const regional = proxyActivities<NoopActivities>({
    taskQueue: regionTaskQueue(workflowInfo().taskQueue, NOOP_REGION),
    startToCloseTimeout: "5 minutes",
    heartbeatTimeout: "5 seconds",
  });
  const first = new Trigger<undefined>();
  setHandler(firstStepDone, async () => first);
  for (const step of steps) {
    await (step === "local" ? local : regional).doNothing();
    first.resolve(undefined);
  }
  await condition(allHandlersFinished);
}
