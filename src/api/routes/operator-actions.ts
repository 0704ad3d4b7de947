import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { OPERATOR_ACTION, OPERATOR_ACTION_DETAIL } from "../operator-examples.ts";
import {
  cancelOperatorActionBody,
  listOperatorActionsQuery,
  toOperatorActionFilter,
} from "../schemas/operator-action.ts";
import { pageRequest } from "../schemas/pagination.ts";
import {
  operatorActionDetailSchema,
  operatorActionDetailView,
  operatorActionSchema,
  operatorActionView,
} from "../views/operator-action.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/operator/actions";

const toReply = pageReplies(operatorActionView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["operator"],
  query: listOperatorActionsQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(operatorActionSchema),
      example: [OPERATOR_ACTION],
      isPage: true,
    },
  },
  docs: {
    operationId: "listOperatorActions",
    tag: "Operators",
    summary: "List the actions of all accounts",
    description:
      "Everything that was done in any account, newest first, narrowed by any of the filters together. `step` finds what stands at a step as well as what has failed in it. `meta.pagination.total` is counted up to 1,000; read on by `cursor`.",
    costs: "Nothing.",
    sample: { query: { status: "failed", error_code: "boot_timeout" } },
  },
  async handle({ services, query, queryString }) {
    return toReply(await services.listOperatorActions(toOperatorActionFilter(query), pageRequest(query)), queryString);
  },
});

const read = endpoint({
  method: "get",
  path: `${COLLECTION}/:id`,
  scopes: ["operator"],
  id: "action",
  answers: {
    200: {
      description: "The action as it is now.",
      data: operatorActionDetailSchema,
      example: OPERATOR_ACTION_DETAIL,
    },
  },
  docs: {
    operationId: "getOperatorAction",
    tag: "Operators",
    summary: "Show an action of any account",
    description:
      "Its steps with their attempts and last failures, whose it is, its resource as it is now, its workflow in Temporal, what it could not undo, and where it waits because an operator holds that.",
    costs: "Nothing.",
  },
  async handle({ services, id }) {
    return { status: 200, data: operatorActionDetailView(await services.getOperatorAction(id)) };
  },
});

const cancel = endpoint({
  method: "post",
  path: `${COLLECTION}/:id/cancel`,
  scopes: ["operator"],
  id: "action",
  body: cancelOperatorActionBody,
  answers: {
    202: {
      description: "The action, which is about to end.",
      data: operatorActionDetailSchema,
      example: OPERATOR_ACTION_DETAIL,
      hasLocation: true,
    },
  },
  errors: { not_cancellable: "It is no create, or it has ended; the message says which." },
  docs: {
    operationId: "cancelOperatorAction",
    tag: "Operators",
    summary: "Cancel a create of any account",
    description:
      "As its holder can: a create that is running is stopped, what it did is undone, and it ends `cancelled`. The audit log has who asked for it, and why.",
    costs: "Nothing.",
    sample: { body: { reason: "it holds the last capacity of a plan that was withdrawn" } },
  },
  async handle({ services, id, body, context }) {
    const { value: action, replayed } = await services.cancelOperatorAction(id, body.reason, context);
    const headers = effectHeaders({ location: `${COLLECTION}/${action.id}`, replayed });
    return { status: 202, data: operatorActionDetailView(action), headers };
  },
});

export const operatorActionEndpoints = [list, read, cancel];
