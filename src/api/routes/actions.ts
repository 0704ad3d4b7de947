import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { CREATE_SERVER_ACTION } from "../examples.ts";
import { getActionQuery, listActionsQuery, toActionFilter } from "../schemas/action.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { acceptedAction, actionSchema, actionView } from "../views/action.ts";
import { pageReplies } from "../views/pagination.ts";

const COLLECTION = "/v1/actions";

const toReply = pageReplies(actionView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["actions:read"],
  query: listActionsQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(actionSchema),
      example: [CREATE_SERVER_ACTION],
      isPage: true,
    },
  },
  docs: {
    operationId: "listActions",
    tag: "Actions",
    summary: "List all actions",
    description:
      "Everything that was done in your account, newest first, a page at a time, narrowed by any of the filters together. Actions stay when their resource is gone. Those that begin meanwhile do not shift what you read by `cursor`.",
    costs: "Nothing.",
    sample: { query: { status: "running" } },
  },
  async handle({ services, query, queryString, context }) {
    const page = await services.listActions(toActionFilter(query), pageRequest(query), context.principal);
    return toReply(page, queryString);
  },
});

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

const cancel = endpoint({
  method: "post",
  path: "/v1/actions/:id/cancel",
  scopes: ["servers:write", "databases:write"],
  id: "action",
  answers: {
    202: {
      description: "The action, which is about to end.",
      data: actionSchema,
      example: CREATE_SERVER_ACTION,
      hasLocation: true,
    },
  },
  errors: { not_cancellable: "It is no create, or it has ended; the message says which." },
  docs: {
    operationId: "cancelAction",
    tag: "Actions",
    summary: "Cancel a create",
    description:
      "Stops a create that is running, and undoes what it did: from the 202 on it can't succeed any more. It ends `cancelled`; its server or database stays as `failed`, with the code `cancelled` in `error` and nothing held, until it is retried or deleted. Asked again, it answers with the same action. Takes the write scope of the resource's kind.\n\nOther actions can't be cancelled: they take seconds, and a delete stops any of them.",
    costs: "Nothing. Price and capacity end when the action has ended.",
  },
  async handle({ services, id, context }) {
    return acceptedAction(await services.cancelAction(id, context));
  },
});

export const actionEndpoints = [list, read, cancel];
