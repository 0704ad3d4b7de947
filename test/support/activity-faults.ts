import type { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from "@temporalio/worker";

export type Around = (run: () => Promise<unknown>, context: Context) => Promise<unknown>;

/** Wraps the activities that `around` names; the others run as they are. */
export function aroundActivities(around: (activityType: string) => Around | undefined): ActivityInterceptorsFactory {
  return (context) => ({
    inbound: {
      execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">) {
        const wrap = around(context.info.activityType);
        return wrap ? wrap(() => next(input), context) : next(input);
      },
    },
  });
}

export const FAULT_CODE = "infrastructure_error";

/** Fails for good without having acted. */
export const failBefore: Around = () => Promise.reject(faultOfTest(true));

/** Acts, and then fails for good: the answer says nothing of the effect. */
export const failAfter: Around = async (run) => {
  await run();
  throw faultOfTest(true);
};

const HEARTBEAT_MS = 200;

/** Keeps an activity alive until then; a cancel ends it. */
export async function stayAlive<T>(context: Context, until: Promise<T>): Promise<T> {
  const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  return Promise.race([until, context.cancelled]).finally(() => clearInterval(heartbeat));
}

/** Delivered twice. */
export const runTwice: Around = async (run) => {
  await run();
  return run();
};

const FAILURES = [
  { when: "before the effect", fault: failBefore, undo: undefined },
  { when: "after the effect", fault: failAfter, undo: undefined },
  { when: "after the effect and runs each undo twice", fault: failAfter, undo: runTwice },
];

/** Every step, failing in every way. */
export function failureCells(steps: readonly string[]) {
  return steps.flatMap((step) => FAILURES.map((failure) => ({ step, ...failure })));
}

export function faultOfTest(nonRetryable: boolean): ApplicationFailure {
  return ApplicationFailure.create({ type: FAULT_CODE, message: "a fault of the test", nonRetryable });
}
