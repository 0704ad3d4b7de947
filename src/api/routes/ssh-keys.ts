import type { Services } from "../../services/services.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { createSshKeyBody, listSshKeysQuery } from "../schemas/ssh-key.ts";
import { pageReply } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";
import { sshKeyView } from "../views/ssh-key.ts";

const COLLECTION = "/v1/ssh_keys";
const MEMBER = "/v1/ssh_keys/:id";

export function sshKeyEndpoints(services: Services): Endpoint[] {
  const create = endpoint({
    method: "post",
    path: COLLECTION,
    scope: "ssh_keys:write",
    body: createSshKeyBody,
    async handle({ body, context }) {
      const request = { name: body.name, publicKey: body.public_key };
      const { value: key, replayed } = await services.createSshKey(request, context);
      return {
        status: 201,
        data: sshKeyView(key),
        headers: effectHeaders({ location: `${COLLECTION}/${key.id}`, replayed }),
      };
    },
  });

  const list = endpoint({
    method: "get",
    path: COLLECTION,
    scope: "ssh_keys:read",
    query: listSshKeysQuery,
    async handle({ query, queryString, context }) {
      const page = await services.listSshKeys(pageRequest(query), context.principal);
      return pageReply(page, sshKeyView, COLLECTION, queryString);
    },
  });

  const read = endpoint({
    method: "get",
    path: MEMBER,
    scope: "ssh_keys:read",
    id: "sshKey",
    async handle({ id, context }) {
      return { status: 200, data: sshKeyView(await services.getSshKey(id, context.principal)) };
    },
  });

  const remove = endpoint({
    method: "delete",
    path: MEMBER,
    scope: "ssh_keys:write",
    id: "sshKey",
    async handle({ id, context }) {
      const { replayed } = await services.deleteSshKey(id, context);
      return { status: 200, data: null, headers: effectHeaders({ replayed }) };
    },
  });

  return [create, list, read, remove];
}
