import type { ActionState } from "./client.ts";
import type { Measure } from "./report.ts";
import { median } from "./statistics.ts";

/** What each step took, and what passed between the steps. */
export function stepMeasures(actions: ActionState[]): Measure[] {
  const timesOf = ({ steps }: ActionState) =>
    steps.map((step) => ({
      name: step.name,
      ms: Date.parse(step.ended_at ?? "") - Date.parse(step.started_at ?? ""),
    }));
  const names = actions[0]?.steps.map((step) => step.name) ?? [];
  const all = actions.map(timesOf);
  const steps = names.map((name, index) => ({
    name: `step ${name}`,
    unit: "ms",
    value: median(all.map((times) => times[index]?.ms ?? Number.NaN)),
  }));
  const between = actions.map((action) => {
    const ends = action.steps.map((step) => Date.parse(step.ended_at ?? ""));
    const starts = action.steps.map((step) => Date.parse(step.started_at ?? ""));
    return ends.slice(0, -1).reduce((sum, end, index) => sum + (starts[index + 1] ?? end) - end, 0);
  });
  return [...steps, { name: "between the steps, in all", unit: "ms", value: median(between) }];
}
