import type { Services } from "../../services/services.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { createServerBody, listServersQuery, toCreateServerRequest, toServerFilter } from "../schemas/server.ts";
import { acceptedAction } from "../views/action.ts";
import { pageReply } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";
import { serverView } from "../views/server.ts";

const COLLECTION = "/v1/servers";
const MEMBER = "/v1/servers/:id";

export function serverEndpoints(services: Services): Endpoint[] {
  const create = endpoint({
    method: "post",
    path: COLLECTION,
    scope: "servers:write",
    body: createServerBody,
    checkReferences: ({ plan, region, image, ssh_keys }, principal) =>
      services.validateServerReferences(
        {
          ...(plan !== undefined && { plan }),
          ...(region !== undefined && { region }),
          ...(image !== undefined && { image }),
          ...(ssh_keys !== undefined && { sshKeyIds: ssh_keys }),
        },
        principal,
      ),
    async handle({ body, context }) {
      const { value: server, replayed } = await services.createServer(toCreateServerRequest(body), context);
      return {
        status: 201,
        data: serverView(server),
        headers: effectHeaders({ location: `${COLLECTION}/${server.id}`, replayed }),
      };
    },
  });

  const list = endpoint({
    method: "get",
    path: COLLECTION,
    scope: "servers:read",
    query: listServersQuery,
    async handle({ query, queryString, context }) {
      const page = await services.listServers(toServerFilter(query), pageRequest(query), context.principal);
      return pageReply(page, serverView, COLLECTION, queryString);
    },
  });

  const read = endpoint({
    method: "get",
    path: MEMBER,
    scope: "servers:read",
    id: "server",
    async handle({ id, context }) {
      return { status: 200, data: serverView(await services.getServer(id, context.principal)) };
    },
  });

  const remove = endpoint({
    method: "delete",
    path: MEMBER,
    scope: "servers:write",
    id: "server",
    async handle({ id, context }) {
      return acceptedAction(await services.deleteServer(id, context));
    },
  });

  return [create, list, read, remove];
}
