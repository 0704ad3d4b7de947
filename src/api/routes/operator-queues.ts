import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { QUEUE } from "../examples.ts";
import { queueSchema, queueView } from "../views/queue.ts";

const list = endpoint({
  method: "get",
  path: "/v1/operator/queues",
  scopes: ["operator"],
  answers: {
    200: {
      description: "Those of the workflows, then one for each region.",
      data: z.array(queueSchema),
      example: [QUEUE],
    },
  },
  docs: {
    operationId: "listQueues",
    tag: "Operators",
    summary: "Show the task queues",
    description:
      "How much waits in each task queue and for how long, how fast it comes and goes, and how many workers ask for it. Temporal is asked; while it is away, the answer is a 503.",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: (await services.listQueues()).map(queueView) };
  },
});

export const operatorQueueEndpoints = [list];
