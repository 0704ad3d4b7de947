import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { WORKER_BUILD } from "../examples.ts";
import { changeWorkersBody, toWorkerChangeRequest } from "../schemas/workers.ts";
import { effectHeaders } from "../views/reply-headers.ts";
import { workerBuildSchema, workerBuildView } from "../views/workers.ts";

const COLLECTION = "/v1/operator/workers";

const builds = z.array(workerBuildSchema);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["operator"],
  answers: { 200: { description: "All builds, newest first.", data: builds, example: [WORKER_BUILD] } },
  docs: {
    operationId: "listWorkers",
    tag: "Operators",
    summary: "List the builds of the workers",
    description:
      "The builds that versioned workers run, and which of them new actions begin on. Empty where workers are not versioned (`CLOUDNEXUS_WORKER_VERSIONING`).",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: (await services.listWorkerBuilds()).map(workerBuildView) };
  },
});

const change = endpoint({
  method: "post",
  path: `${COLLECTION}/actions`,
  scopes: ["operator"],
  body: changeWorkersBody,
  answers: { 200: { description: "All builds, as they are now.", data: builds, example: [WORKER_BUILD] } },
  errors: {
    invalid_status:
      "The build has no workers for every queue that is in use, or there is no build to go back to. Nothing was changed.",
  },
  docs: {
    operationId: "changeWorkers",
    tag: "Operators",
    summary: "Change the build of new actions",
    description:
      "Makes a build the current one, has a share of new actions begin on it, or takes the last change back. What is under way ends on the build on which it began.",
    costs: "Nothing.",
    sample: { body: { type: "ramp", build_id: WORKER_BUILD.build_id, percent: 0, reason: "the trial is over" } },
  },
  async handle({ services, body, context }) {
    const { value, replayed } = await services.changeWorkers(toWorkerChangeRequest(body), context);
    return { status: 200, data: value.map(workerBuildView), headers: effectHeaders({ replayed }) };
  },
});

export const operatorWorkerEndpoints = [list, change];
