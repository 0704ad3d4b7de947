import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { REGION_STATE } from "../examples.ts";
import { regionStateSchema, regionStateView } from "../views/operator.ts";

const list = endpoint({
  method: "get",
  path: "/v1/operator/regions",
  scopes: ["operator"],
  answers: {
    200: {
      description: "All of them, in the order of the configuration.",
      data: z.array(regionStateSchema),
      example: [REGION_STATE],
    },
  },
  docs: {
    operationId: "listRegionStates",
    tag: "Operators",
    summary: "Show the regions' state",
    description:
      "How full each region is, how the latest audit found it, and how many workers ask for its work. Nothing is asked of the regions themselves.",
    costs: "Nothing.",
  },
  async handle({ services }) {
    return { status: 200, data: (await services.listRegionStates()).map(regionStateView) };
  },
});

export const operatorRegionEndpoints = [list];
