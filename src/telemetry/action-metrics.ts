import { Counter, Histogram, type Registry } from "prom-client";
import { OPERATORS_CODES } from "../domain/error-codes.ts";
import { EVERY_ACTION } from "./metrics.ts";

/** Steps on rows take milliseconds, on infrastructure tenths of seconds, and a boot or an engine's first start up to minutes. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

export interface EndedStep {
  /** server or database. */
  resource: string;
  /** Of a step or an undo. */
  step: string;
  outcome: "succeeded" | "failed" | "retried" | "cancelled";
  seconds: number;
  /** Of a failure; null without one. */
  errorCode: string | null;
}

/** What a worker counts of steps and of the ends of actions. */
export class ActionMetrics {
  private readonly steps: Histogram<"resource" | "step" | "outcome">;
  private readonly stepFailures: Counter<"resource" | "step" | "code">;
  private readonly ended: Counter<"resource" | "action" | "outcome" | "code">;
  private readonly unstarted: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.steps = new Histogram({
      name: "cloudnexus_step_duration_seconds",
      help: "Attempts of steps and undos. retried: it failed, and there will be another attempt",
      labelNames: ["resource", "step", "outcome"],
      buckets: BUCKETS_S,
      registers,
    });
    this.stepFailures = new Counter({
      name: "cloudnexus_step_failures_total",
      help: "Failed attempts of steps and undos by their code, those that are tried again included",
      labelNames: ["resource", "step", "code"],
      registers,
    });
    this.ended = new Counter({
      name: "cloudnexus_actions_ended_total",
      help: "Actions that have ended: succeeded, failed or cancelled; code is empty for those that succeeded",
      labelNames: ["resource", "action", "outcome", "code"],
      registers,
    });
    // There from the start: a series that begins with the first failure has no increase, and the alarm would miss it.
    for (const { resource, type: action } of EVERY_ACTION) {
      for (const code of OPERATORS_CODES) this.ended.inc({ resource, action, outcome: "failed", code }, 0);
    }
    this.unstarted = new Counter({
      name: "cloudnexus_sweep_unstarted_actions_total",
      help: "Accepted actions that no workflow had touched, started by the sweep",
      registers,
    });
  }

  endStep({ resource, step, outcome, seconds, errorCode }: EndedStep): void {
    this.steps.observe({ resource, step, outcome }, seconds);
    if (errorCode !== null) this.stepFailures.inc({ resource, step, code: errorCode });
  }

  endAction(action: {
    resource: string;
    type: string;
    outcome: "succeeded" | "failed" | "cancelled";
    code: string;
  }): void {
    const { resource, type, outcome, code } = action;
    this.ended.inc({ resource, action: type, outcome, code });
  }

  findUnstarted(count: number): void {
    this.unstarted.inc(count);
  }
}
