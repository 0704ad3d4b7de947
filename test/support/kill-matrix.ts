import { existsSync, rmSync } from "node:fs";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import { type FaultPlan, heldFaultFile, planFault, spawnWorker, type TestProcess } from "./processes.ts";
import { waitUntil } from "./wait.ts";
import type { World } from "./world.ts";

/** When SIGKILL comes: before the step's effect, after the effect and before its answer, or after the answer. */
const MOMENTS = ["before the effect", "after the effect", "after the answer"] as const;

export interface KillCell {
  step: string;
  moment: (typeof MOMENTS)[number];
}

/** Every step at every moment. */
export function killCells(steps: readonly string[]): KillCell[] {
  return steps.flatMap((step) => MOMENTS.map((moment) => ({ step, moment })));
}

/** Keeps one worker alive: whenever the fault plan has killed it, a successor takes over. */
export class MortalWorker {
  private readonly world: World;
  private process: TestProcess | null = null;

  constructor(world: World) {
    this.world = world;
  }

  async start(): Promise<void> {
    this.process = await spawnWorker(this.world);
  }

  async stop(): Promise<void> {
    await this.process?.kill("SIGKILL");
  }

  /** Runs an action (it answers with the action's id) whose worker dies after the effect of a step, before Temporal hears of it; nobody takes over. Returns the action's id. */
  async dieAfter(step: string, begin: () => Promise<string>): Promise<string> {
    planFault(this.world, { activity: activityOfStep(step), fault: "die after" });
    const actionId = begin();
    await waitUntil(`the worker died at ${step}`, () => this.process?.hasEnded() ?? false);
    return actionId;
  }

  /** Runs an action (it answers with the action's id) whose worker dies at the cell; returns the action as it ended under the successor. */
  async survive(cell: KillCell, steps: readonly string[], begin: () => Promise<string>) {
    const plan = planOf(cell, steps);
    const file = plan && planFault(this.world, plan);
    const actionId = begin();
    if (file !== null && plan?.fault === "hold") {
      await waitUntil(`the step after ${cell.step} is held`, () => existsSync(heldFaultFile(file)));
      rmSync(heldFaultFile(file));
    } else if (plan) {
      await waitUntil(`the worker died at ${cell.step}`, () => this.process?.hasEnded() ?? false);
    } else {
      await this.world.api.actionEnd(await actionId);
    }
    await this.stop();
    await this.start();
    return this.world.api.actionEnd(await actionId);
  }
}

/** After its answer the last step has ended the action: nothing is left to hold. */
function planOf({ step, moment }: KillCell, steps: readonly string[]): FaultPlan | null {
  if (moment === "before the effect") return { activity: activityOfStep(step), fault: "die before" };
  if (moment === "after the effect") return { activity: activityOfStep(step), fault: "die after" };
  const next = steps[steps.indexOf(step) + 1];
  return next === undefined ? null : { activity: activityOfStep(next), fault: "hold" };
}
