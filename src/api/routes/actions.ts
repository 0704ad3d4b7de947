import type { Services } from "../../services/services.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { getActionQuery } from "../schemas/action.ts";
import { actionView } from "../views/action.ts";

export function actionEndpoints(services: Services): Endpoint[] {
  const read = endpoint({
    method: "get",
    path: "/v1/actions/:id",
    scope: "actions:read",
    id: "action",
    query: getActionQuery,
    async handle({ id, query, context, waitSignal }) {
      const action =
        query.wait === 0
          ? await services.getAction(id, context.principal)
          : await services.waitForAction(id, context.principal, query.wait * 1000, waitSignal());
      return { status: 200, data: actionView(action) };
    },
  });

  return [read];
}
