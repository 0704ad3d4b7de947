import type { Context } from "@temporalio/activity";
import { ApplicationFailure } from "@temporalio/common";
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
  Next,
} from "@temporalio/worker";
import { activityOfStep } from "../domain/activity-names.ts";
import type { Catalog } from "../domain/catalog.ts";
import { type HeldAt, type Hold, isHeld, REGION_STEPS, type RegionStep, STEP_HELD } from "../domain/hold.ts";
import { type ActionInput, type StepName, WORKFLOWS } from "../domain/workflow-contracts.ts";
import type { HoldsInForce } from "./holds-in-force.ts";

/** Notes that an action waits; false: the hold is not in force any more. */
type NoteWait = (action: ActionInput, step: RegionStep, hold: Hold) => Promise<boolean>;

interface GateParts {
  holds: HoldsInForce;
  noteWait: NoteWait;
  regions: Catalog["regions"];
}

/** The steps with a gate, as workflow type and activity. The same activity as an undo has none: it is no step of its workflow. */
const GATES = new Map<string, RegionStep>(
  Object.values(WORKFLOWS)
    .flatMap((workflows) => Object.values<{ workflowType: string; steps: readonly StepName[] }>(workflows))
    .flatMap(({ workflowType, steps }) =>
      REGION_STEPS.filter((step) => steps.includes(step)).map((step): [string, RegionStep] => [
        `${workflowType} ${activityOfStep(step)}`,
        step,
      ]),
    ),
);

/**
 * The gate before each attempt of a step that touches a region. Where that is held, the step ends at once and tells its workflow to wait (workflows/gate.ts): a wait
 * keeps no worker busy, and its time is none of the step's.
 */
class Gate implements ActivityInboundCallsInterceptor {
  private readonly context: Context;
  private readonly holds: HoldsInForce;
  private readonly noteWait: NoteWait;
  private readonly regions: Catalog["regions"];

  constructor(context: Context, { holds, noteWait, regions }: GateParts) {
    this.context = context;
    this.holds = holds;
    this.noteWait = noteWait;
    this.regions = regions;
  }

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, "execute">): Promise<unknown> {
    const { workflowType = "", activityType } = this.context.info;
    const step = GATES.get(`${workflowType} ${activityType}`);
    if (step) await this.pass(step, input.args[0] as ActionInput);
    return next(input);
  }

  private async pass(step: RegionStep, action: ActionInput): Promise<void> {
    const { region, resourceKind } = action;
    const host = this.regions[region]?.host ?? null;
    let heldBy: Hold | undefined;
    try {
      for (const hold of await this.holds.current()) {
        if (!isHeld(hold, { region, host, step, resourceKind }) || !(await this.noteWait(action, step, hold))) continue;
        heldBy = hold;
        break;
      }
    } catch (error) {
      throw ApplicationFailure.create({ type: "internal_error", message: error instanceof Error ? error.name : "" });
    }
    if (heldBy) throw held(step, heldBy);
  }
}

function held(step: RegionStep, { id, reason }: Hold): ApplicationFailure {
  const at: HeldAt = { holdId: id, reason };
  return ApplicationFailure.create({
    ...{ type: STEP_HELD, message: `held before ${step}`, details: [at] },
    // It is for its workflow to come again, and nothing to warn of.
    ...{ nonRetryable: true, category: "BENIGN" as const },
  });
}

export function gateBefore(parts: GateParts): ActivityInterceptorsFactory {
  return (context) => ({ inbound: new Gate(context, parts) });
}
