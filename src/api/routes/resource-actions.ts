import { z } from "zod";
import type { ResourceKind } from "../../domain/resource.ts";
import { endpoint } from "../endpoint.ts";
import { resourceActionsQuery } from "../schemas/action.ts";
import { pageRequest } from "../schemas/pagination.ts";
import type { Tag } from "../tags.ts";
import { actionSchema, actionView } from "../views/action.ts";
import { pageReplies } from "../views/pagination.ts";

/** `GET /v1/<kind>s/{id}/actions`: the same call of every kind of resource. */
export function historyEndpoint(
  kind: ResourceKind,
  { operationId, tag, example }: { operationId: string; tag: Tag; example: z.output<typeof actionSchema> },
) {
  const collection = `/v1/${kind}s` as const;
  return endpoint({
    method: "get",
    path: `${collection}/:id/actions`,
    scopes: [`${kind}s:read`, "actions:read"],
    id: kind,
    query: resourceActionsQuery,
    answers: {
      200: {
        description: "A page of them, newest first.",
        data: z.array(actionSchema),
        example: [example],
        isPage: true,
      },
    },
    docs: {
      operationId,
      tag,
      summary: `List what was done to a ${kind}`,
      description: `Every action on the ${kind}, newest first: those that ended, with their steps and reasons, and the one that runs. Once the ${kind} is gone this is a 404; \`GET /v1/actions?resource_id=…\` still lists them.`,
      costs: "Nothing.",
    },
    async handle({ services, id, query, queryString, context }) {
      const page = await services.listActionsOf(kind, id, pageRequest(query), context.principal);
      return pageReplies(actionView, `${collection}/${id}/actions`)(page, queryString);
    },
  });
}
