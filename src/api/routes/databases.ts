import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { ACTIVE_DATABASE, DATABASE, DELETE_DATABASE_ACTION } from "../examples.ts";
import {
  createDatabaseBody,
  listDatabasesQuery,
  toCreateDatabaseRequest,
  toDatabaseFilter,
  toUpdateDatabaseRequest,
  updateDatabaseBody,
} from "../schemas/database.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { createQuery } from "../schemas/server.ts";
import { acceptedAction, actionSchema } from "../views/action.ts";
import { databaseSchema, databaseView } from "../views/database.ts";
import { pageReplies } from "../views/pagination.ts";
import { databasePreviewSchema, databasePreviewView } from "../views/preview.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/databases";
const MEMBER = "/v1/databases/:id";

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["databases:write"],
  query: createQuery,
  cost: 20,
  body: createDatabaseBody,
  answers: {
    200: {
      description: "Only with `?dry_run=true`: what would be made. Nothing was.",
      data: databasePreviewSchema,
      example: {
        dry_run: true,
        name: DATABASE.name,
        plan: DATABASE.plan,
        region: DATABASE.region,
        labels: DATABASE.labels,
        vcpus: 1,
        memory_mib: 1024,
        disk_gib: 20,
        price: { amount: "15.00", currency: "USD", per: "month" },
        engine: DATABASE.engine,
        version: DATABASE.version,
        implementation: DATABASE.implementation,
        trusted_sources: DATABASE.trusted_sources,
      },
    },
    201: {
      description: "The database, with its endpoint. It is being made.",
      data: databaseSchema,
      example: DATABASE,
      hasLocation: true,
    },
  },
  errors: {
    name_taken: "Another living database of yours has this name.",
    image_unavailable: "The region lost the engine's image between check and create.",
    quota_exceeded: "Your account has no room for it: number, CPUs, memory or addresses; `details` name which.",
    no_capacity: "The region has no free address; with `dry_run`, also no CPU, memory or disk for the plan.",
  },
  docs: {
    operationId: "createDatabase",
    tag: "Databases",
    summary: "Create a database cluster",
    description:
      "Makes an engine of your own, with a volume for its data, a certificate, a user and a database `app` (Redis: database 0). The answer comes at once and has its endpoint; follow it with " +
      "`GET /v1/actions/{action_id}?wait=30`. Once the database is `active` we have logged in over verified TLS ourselves, and `GET /v1/databases/{id}/credentials` shows how.\n\n" +
      "A version that the region lacks is a 400 that lists what there is. With `?dry_run=true` everything is checked, and nothing is made, written or reserved; `version` then is what it would be made of, and an `Idempotency-Key` plays no part.",
    costs:
      "The plan's price (see `GET /v1/plans`) and its share of the region's capacity, until it is deleted, suspended or not. A dry run costs nothing.",
    sample: {
      body: {
        engine: "postgresql",
        version: "15.4",
        plan: DATABASE.plan,
        name: DATABASE.name,
        region: DATABASE.region,
      },
    },
  },
  checkReferences: ({ plan, region, engine, version }, { services }) =>
    services.validateDatabaseReferences({
      ...(plan !== undefined && { plan }),
      ...(region !== undefined && { region }),
      ...(engine !== undefined && { engine }),
      ...(version !== undefined && { version }),
    }),
  async handle({ services, query, body, context }) {
    const request = toCreateDatabaseRequest(body);
    if (query.dry_run) {
      return { status: 200, data: databasePreviewView(await services.previewDatabase(request, context.principal)) };
    }
    const { value: database, replayed } = await services.createDatabase(request, context);
    return {
      status: 201,
      data: databaseView(database),
      headers: effectHeaders({ location: `${COLLECTION}/${database.id}`, replayed }),
    };
  },
});

const toReply = pageReplies(databaseView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["databases:read"],
  query: listDatabasesQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(databaseSchema),
      example: [ACTIVE_DATABASE],
      isPage: true,
    },
  },
  docs: {
    operationId: "listDatabases",
    tag: "Databases",
    summary: "List all databases",
    description:
      "Your databases, newest first, a page at a time, narrowed by any of the filters together. Passwords are not among what it shows.",
    costs: "Nothing.",
    sample: { query: { engine: "postgresql" } },
  },
  async handle({ services, query, queryString, context }) {
    const page = await services.listDatabases(toDatabaseFilter(query), pageRequest(query), context.principal);
    return toReply(page, queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["databases:read"],
  id: "database",
  answers: { 200: { description: "The database.", data: databaseSchema, example: ACTIVE_DATABASE } },
  docs: {
    operationId: "getDatabase",
    tag: "Databases",
    summary: "Show a database",
    description: "One of your databases as it is now. Once its delete has ended it is gone: 404.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    return { status: 200, data: databaseView(await services.getDatabase(id, context.principal)) };
  },
});

const update = endpoint({
  method: "patch",
  path: MEMBER,
  scopes: ["databases:write"],
  id: "database",
  body: updateDatabaseBody,
  answers: {
    200: {
      description: "The database with its new settings.",
      data: databaseSchema,
      example: { ...ACTIVE_DATABASE, trusted_sources: ["203.0.113.0/24", "198.51.100.7/32"] },
    },
  },
  errors: {
    name_taken: "Another living database of yours has this name.",
    resource_busy: "Trusted sources can't change while another action runs; `details` has its id.",
    invalid_status: "Trusted sources can't change while the database is `suspended`.",
  },
  docs: {
    operationId: "updateDatabase",
    tag: "Databases",
    summary: "Change a database",
    description:
      "Changes name, labels and trusted sources; what the body leaves out stays. New trusted sources are put in force by an action (`action_id`), without a restart; if it fails, the ones from before are in force and shown again. `labels` replaces all labels.",
    costs: "Nothing.",
    sample: { body: { trusted_sources: ["203.0.113.0/24", "198.51.100.7/32"] } },
  },
  async handle({ services, id, body, context }) {
    const { value, replayed } = await services.updateDatabase(id, toUpdateDatabaseRequest(body), context);
    return { status: 200, data: databaseView(value), headers: effectHeaders({ replayed }) };
  },
});

const remove = endpoint({
  method: "delete",
  path: MEMBER,
  scopes: ["databases:write"],
  id: "database",
  answers: {
    202: {
      description: "The delete, under way.",
      data: actionSchema,
      example: DELETE_DATABASE_ACTION,
      hasLocation: true,
    },
  },
  docs: {
    operationId: "deleteDatabase",
    tag: "Databases",
    summary: "Delete a database",
    description:
      "Removes the database **and its data**, for good. It is never refused: whatever runs is stopped and undone first. Asked again, it answers with the same action; after a delete that failed, it goes on from there.",
    costs: "Nothing. Price and capacity end when the action has succeeded.",
  },
  async handle({ services, id, context }) {
    return acceptedAction(await services.deleteDatabase(id, context));
  },
});

export const databaseEndpoints = [create, list, read, update, remove];
