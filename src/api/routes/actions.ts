import { endpoint } from "../endpoint.ts";
import { CREATE_SERVER_ACTION } from "../examples.ts";
import { getActionQuery } from "../schemas/action.ts";
import { actionSchema, actionView } from "../views/action.ts";

const read = endpoint({
  method: "get",
  path: "/v1/actions/:id",
  scopes: ["actions:read"],
  id: "action",
  query: getActionQuery,
  answers: { 200: { description: "The action as it is now.", data: actionSchema, example: CREATE_SERVER_ACTION } },
  docs: {
    operationId: "getAction",
    tag: "Actions",
    summary: "Follow an action",
    description:
      "What a create, a delete or another change has done so far: its steps in order, with attempts, times and the last failure. With `?wait=30` the answer is held until the action has ended, or for so many seconds; then ask again. Actions stay when their resource is gone.",
    costs: "Nothing.",
    sample: { query: { wait: 30 } },
  },
  async handle({ services, id, query, context, waitSignal }) {
    const action =
      query.wait === 0
        ? await services.getAction(id, context.principal)
        : await services.waitForAction(id, context.principal, query.wait * 1000, waitSignal());
    return { status: 200, data: actionView(action) };
  },
});

export const actionEndpoints = [read];
