import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { ACTIVE_SERVER, DELETE_SERVER_ACTION, SERVER } from "../examples.ts";
import { toDescribeRequest } from "../schemas/describe.ts";
import { pageRequest } from "../schemas/pagination.ts";
import {
  createQuery,
  createServerBody,
  listServersQuery,
  toCreateServerRequest,
  toServerFilter,
  updateServerBody,
} from "../schemas/server.ts";
import { acceptedAction, actionSchema } from "../views/action.ts";
import { pageReplies } from "../views/pagination.ts";
import { serverPreviewSchema, serverPreviewView } from "../views/preview.ts";
import { effectHeaders } from "../views/reply-headers.ts";
import { serverSchema, serverView } from "../views/server.ts";

const COLLECTION = "/v1/servers";
const MEMBER = "/v1/servers/:id";

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["servers:write"],
  query: createQuery,
  cost: 20,
  body: createServerBody,
  answers: {
    200: {
      description: "Only with `?dry_run=true`: what would be made. Nothing was.",
      data: serverPreviewSchema,
      example: {
        dry_run: true,
        name: SERVER.name,
        plan: SERVER.plan,
        region: SERVER.region,
        labels: SERVER.labels,
        vcpus: 2,
        memory_mib: 2048,
        disk_gib: 40,
        price: { amount: "12.00", currency: "USD", per: "month" },
        image: SERVER.image,
        ssh_keys: SERVER.ssh_keys,
      },
    },
    201: {
      description: "The server, with its address. It is being made.",
      data: serverSchema,
      example: SERVER,
      hasLocation: true,
    },
  },
  errors: {
    name_taken: "Another living server of yours has this name.",
    quota_exceeded: "Your account has no room for it: number, CPUs, memory or addresses; `details` name which.",
    no_capacity: "The region has no free address; with `dry_run`, also no CPU, memory or disk for the plan.",
  },
  docs: {
    operationId: "createServer",
    tag: "Servers",
    summary: "Create a new server",
    description:
      "Makes a virtual server in a region. The answer comes at once and has its address; the server is made meanwhile, which takes seconds. Follow it with " +
      "`GET /v1/actions/{action_id}?wait=30`: once the action has succeeded the server is `active` and answers over SSH. If a step fails for good, everything that was done is undone, and the server becomes `failed`, with the reason in `error`.\n\n" +
      "With `?dry_run=true` everything is checked (fields, names, keys, the region's addresses and capacity at this moment), and nothing is made, written or reserved; an `Idempotency-Key` plays no part.",
    costs:
      "The plan's price (see `GET /v1/plans`) and its share of the region's capacity, until it is deleted. A dry run costs nothing.",
    sample: {
      body: {
        name: SERVER.name,
        plan: SERVER.plan,
        region: SERVER.region,
        image: SERVER.image,
        ssh_keys: SERVER.ssh_keys,
      },
    },
  },
  checkReferences: ({ plan, region, image, ssh_keys }, { services, principal }) =>
    services.validateServerReferences(
      {
        ...(plan !== undefined && { plan }),
        ...(region !== undefined && { region }),
        ...(image !== undefined && { image }),
        ...(ssh_keys !== undefined && { sshKeyIds: ssh_keys }),
      },
      principal,
    ),
  async handle({ services, query, body, context }) {
    const request = toCreateServerRequest(body);
    if (query.dry_run) {
      return { status: 200, data: serverPreviewView(await services.previewServer(request, context.principal)) };
    }
    const { value: server, replayed } = await services.createServer(request, context);
    return {
      status: 201,
      data: serverView(server),
      headers: effectHeaders({ location: `${COLLECTION}/${server.id}`, replayed }),
    };
  },
});

const toReply = pageReplies(serverView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["servers:read"],
  query: listServersQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(serverSchema),
      example: [ACTIVE_SERVER],
      isPage: true,
    },
  },
  docs: {
    operationId: "listServers",
    tag: "Servers",
    summary: "List all servers",
    description:
      "Your servers, newest first, a page at a time, narrowed by any of the filters together. Servers made meanwhile do not shift what you read by `cursor`.",
    costs: "Nothing.",
    sample: { query: { per_page: 20, status: "active" } },
  },
  async handle({ services, query, queryString, context }) {
    const page = await services.listServers(toServerFilter(query), pageRequest(query), context.principal);
    return toReply(page, queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["servers:read"],
  id: "server",
  answers: { 200: { description: "The server.", data: serverSchema, example: ACTIVE_SERVER } },
  docs: {
    operationId: "getServer",
    tag: "Servers",
    summary: "Show a server",
    description: "One of your servers as it is now. Once its delete has ended it is gone: 404.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    return { status: 200, data: serverView(await services.getServer(id, context.principal)) };
  },
});

const update = endpoint({
  method: "patch",
  path: MEMBER,
  scopes: ["servers:write"],
  id: "server",
  body: updateServerBody,
  answers: {
    200: {
      description: "The server with its new name and labels.",
      data: serverSchema,
      example: { ...ACTIVE_SERVER, name: "production-web-02", labels: { env: "production", team: "web" } },
    },
  },
  errors: { name_taken: "Another living server of yours has this name." },
  docs: {
    operationId: "updateServer",
    tag: "Servers",
    summary: "Change a server",
    description:
      "Changes name and labels, at once and whatever runs; what the body leaves out stays. `labels` replaces all labels. The host name that the guest was given at its creation stays until the server gets a new disk, by `rebuild` or by a `retry` of its create.",
    costs: "Nothing.",
    sample: { body: { name: "production-web-02", labels: { env: "production", team: "web" } } },
  },
  async handle({ services, id, body, context }) {
    const { value, replayed } = await services.updateServer(id, toDescribeRequest(body), context);
    return { status: 200, data: serverView(value), headers: effectHeaders({ replayed }) };
  },
});

const remove = endpoint({
  method: "delete",
  path: MEMBER,
  scopes: ["servers:write"],
  id: "server",
  answers: {
    202: {
      description: "The delete, under way.",
      data: actionSchema,
      example: DELETE_SERVER_ACTION,
      hasLocation: true,
    },
  },
  docs: {
    operationId: "deleteServer",
    tag: "Servers",
    summary: "Delete a server",
    description:
      "Switches the server off and removes it with its disk, for good. It is never refused: a create that is still running is stopped and undone. Asked again, it answers with the same action; after a delete that failed, it goes on from there.",
    costs: "Nothing. Price and capacity end when the action has succeeded.",
  },
  async handle({ services, id, context }) {
    return acceptedAction(await services.deleteServer(id, context));
  },
});

export const serverEndpoints = [create, list, read, update, remove];
