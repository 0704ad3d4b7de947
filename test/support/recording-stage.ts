import { ApplicationFailure } from "@temporalio/common";
import { activityOfStep } from "../../src/domain/activity-names.ts";
import type { ActionType } from "../../src/domain/workflow-contracts.ts";
import { aroundActivities, failBefore } from "./activity-faults.ts";
import { type Auditor, createAuditor } from "./audits.ts";
import { HeldActivity } from "./held-activity.ts";
import { createOperator, type Operator } from "./operator.ts";
import { restoreDeadlines, shortenDeadlines } from "./short-deadlines.ts";
import { createWorld, type World } from "./world.ts";

/** A world in which outcomes are made, one after the other. */
export interface Stage {
  world: World;
  held: HeldActivity;
  auditor: Auditor;
  operator: Operator;
  /** These steps or undos fail for good from now on. */
  fail(...steps: string[]): void;
  /** This step fails at its first attempt from now on, and is tried again. */
  stumble(step: string): void;
  /** Actions of this type have a second from now on. */
  hurry(type: string): void;
  /** Of a resource; none is given twice. */
  newName(): string;
  /** Nothing fails, hurries or is held any more. */
  clear(): void;
}

export async function openStage(): Promise<Stage> {
  const failing = new Set<string>();
  const stumbling = new Set<string>();
  const held = new HeldActivity();
  let names = 0;
  const world = await createWorld({ addresses: 240 });
  const faults = aroundActivities((activity) => {
    if (failing.has(activity)) return failBefore;
    if (!stumbling.has(activity)) return undefined;
    return async (run, { info }) => {
      if (info.attempt === 1) throw ApplicationFailure.retryable("a fault of the test", "infrastructure_unavailable");
      return run();
    };
  });
  await world.startWorker([held.interceptor, faults]);
  return {
    world,
    held,
    auditor: await createAuditor(world),
    operator: await createOperator(world, "recorder"),
    fail: (...steps) => {
      for (const step of steps) failing.add(activityOfStep(step));
    },
    stumble: (step) => void stumbling.add(activityOfStep(step)),
    hurry: (type) => shortenDeadlines(world, type as ActionType),
    newName: () => `recorded-${++names}`,
    clear() {
      failing.clear();
      stumbling.clear();
      restoreDeadlines(world);
      held.release();
      held.stopHolding();
    },
  };
}
