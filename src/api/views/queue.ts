import { z } from "zod";
import { QUEUE_KINDS, type QueueState } from "../../domain/task-queues.ts";
import { count } from "../schemas/shown.ts";

const rate = z.number().meta({ published: { type: "number", minimum: 0 } });

export const queueSchema = z
  .object({
    name: z.string().meta({ description: "As Temporal has it." }),
    kind: z.enum(QUEUE_KINDS).meta({
      description: "`workflow`: what an action does next is decided. `activity`: a step of it is carried out.",
    }),
    region: z.string().nullable().meta({
      description: "Whose infrastructure its steps touch; null: those touch the database alone.",
    }),
    backlog: count.meta({ description: "Tasks that wait for a worker, about." }),
    oldest_seconds: z
      .number()
      .nullable()
      .meta({
        published: { type: ["number", "null"], minimum: 0 },
        description: "How long the oldest of them has waited; null: none waits.",
      }),
    added_per_second: rate.meta({ description: "Over the last 30 s." }),
    dispatched_per_second: rate.meta({ description: "Given to workers, over the last 30 s." }),
    workers: count.meta({ description: "How many ask for its tasks." }),
  })
  .meta({ id: "Queue" });

export function queueView(queue: QueueState): z.output<typeof queueSchema> {
  const { name, kind, region, backlog, oldestSeconds, addedPerSecond, dispatchedPerSecond, workers } = queue;
  return {
    ...{ name, kind, region, backlog, oldest_seconds: oldestSeconds && tenths(oldestSeconds) },
    added_per_second: tenths(addedPerSecond),
    dispatched_per_second: tenths(dispatchedPerSecond),
    workers,
  };
}

/** Temporal's numbers are estimates with many digits. */
function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
