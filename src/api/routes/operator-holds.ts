import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { HOLD } from "../operator-examples.ts";
import { createHoldBody, listHoldsQuery, releaseHoldQuery, toCreateHoldRequest } from "../schemas/hold.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { holdSchema, holdView } from "../views/hold.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/operator/holds";
const MEMBER = `${COLLECTION}/:id` as const;

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["operator"],
  body: createHoldBody,
  answers: {
    201: { description: "The hold, which is in force.", data: holdSchema, example: HOLD, hasLocation: true },
  },
  docs: {
    operationId: "createHold",
    tag: "Operators",
    summary: "Hold a step or a region",
    description:
      "From the answer on, no step that touches a region begins where a hold takes it: those of one region, one step everywhere, or one step in one region. At least one part is named. What comes to such a step waits before it, for as long as it takes; what is in the middle of one goes on to its end. Requests are accepted as ever, deletes too, and wait at the gate. Undos are never held, so a cancel or a `DELETE` ends what waits at once.",
    costs: "Nothing. What waits keeps what it has taken of capacity and quotas.",
    sample: {
      body: { region: "eu-west-2", step: "rebuild_instance", reason: "the new images of eu-west-2 do not boot" },
    },
  },
  async handle({ services, body, context }) {
    const { value: hold, replayed } = await services.createHold(toCreateHoldRequest(body), context);
    const headers = effectHeaders({ location: `${COLLECTION}/${hold.id}`, replayed });
    return { status: 201, data: holdView(hold), headers };
  },
});

const toReply = pageReplies(holdView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["operator"],
  query: listHoldsQuery,
  answers: {
    200: { description: "A page of them, newest first.", data: z.array(holdSchema), example: [HOLD], isPage: true },
  },
  docs: {
    operationId: "listHolds",
    tag: "Operators",
    summary: "List what is held",
    description:
      "The holds in force, newest first, with how many actions wait for each; with `include_released=true` all.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString }) {
    const page = await services.listHolds({ isInForce: !query.include_released }, pageRequest(query));
    return toReply(page, queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["operator"],
  id: "hold",
  answers: { 200: { description: "The hold as it is now.", data: holdSchema, example: HOLD } },
  docs: {
    operationId: "getHold",
    tag: "Operators",
    summary: "Show a hold",
    description: "What it holds, why, and how many actions wait for its release.",
    costs: "Nothing.",
  },
  async handle({ services, id }) {
    return { status: 200, data: holdView(await services.getHold(id)) };
  },
});

const release = endpoint({
  method: "delete",
  path: MEMBER,
  scopes: ["operator"],
  id: "hold",
  query: releaseHoldQuery,
  answers: {
    200: {
      description: "The hold, which is released.",
      data: holdSchema,
      example: { ...HOLD, status: "released", waiting: 0, released_at: "2025-05-22T11:30:00Z" },
    },
  },
  docs: {
    operationId: "releaseHold",
    tag: "Operators",
    summary: "Release a hold",
    description:
      "What waits for it goes on within seconds, with all of its time for the step. One that was released stays so.",
    costs: "Nothing.",
    sample: { query: { reason: "the images boot again" } },
  },
  async handle({ services, id, query, context }) {
    const { value: hold, replayed } = await services.releaseHold(id, query.reason, context);
    return { status: 200, data: holdView(hold), headers: effectHeaders({ replayed }) };
  },
});

export const operatorHoldEndpoints = [create, list, read, release];
